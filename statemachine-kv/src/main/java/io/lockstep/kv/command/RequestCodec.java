package io.lockstep.kv.command;

import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * The binary encoding of requests: the payload of a log entry. The first byte is the version of the
 * format: the first one that has the request's command, so that a node which knows only earlier
 * ones goes on until it meets what it does not know, and then stops.
 */
public final class RequestCodec {
  private static final int VERSION = 7;
  private static final int KEY_TEXT_BYTES_MAX = 128;
  private static final int FINGERPRINT_BYTES_MAX = 64;

  private RequestCodec() {}

  /**
   * The payload was written by a later version of Lockstep. A replica that met it and went on would
   * differ from those that understand it.
   */
  public static final class UnknownVersion extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnknownVersion(int version) {
      super("a request in format " + version + ", where " + VERSION + " is the latest known");
    }
  }

  public static Bytes encode(Request request) {
    ByteWriter out = new ByteWriter(256);
    out.u8(CommandCodec.formatOf(request.command())).text(request.principal());
    RequestKey key = request.key();
    out.bool(key != null);
    if (key != null) {
      out.text(key.scope()).bytes(key.text()).bytes(key.fingerprint());
    }
    CommandCodec.write(out, request.command());
    return out.toBytes();
  }

  /** Whether {@code payload} is in a format that this version of Lockstep knows. */
  public static boolean knows(Bytes payload) {
    return !payload.isEmpty() && payload.at(0) >= 1 && payload.at(0) <= VERSION;
  }

  /**
   * The request that {@code payload} holds.
   *
   * @throws Malformed for bytes that hold none
   * @throws UnknownVersion for those of a later version
   */
  public static Request decode(Bytes payload) {
    ByteReader in = new ByteReader(payload);
    int version = in.u8();
    if (version > VERSION) {
      throw new UnknownVersion(version);
    }
    if (version < 1) {
      throw new Malformed("there is no format " + version);
    }
    Request request =
        new Request(
            FieldCodec.text(in), in.bool() ? readKey(in) : null, CommandCodec.read(in, version));
    in.end();
    if (CommandCodec.formatOf(request.command()) != version) {
      throw new Malformed("a command of an earlier format than " + version);
    }
    return request;
  }

  private static @Nullable RequestKey readKey(ByteReader in) {
    String scope = FieldCodec.text(in);
    Bytes text = FieldCodec.bytes(in, KEY_TEXT_BYTES_MAX);
    if (text.isEmpty()) {
      throw new Malformed("an empty idempotency key");
    }
    return new RequestKey(scope, text, FieldCodec.bytes(in, FINGERPRINT_BYTES_MAX));
  }
}
