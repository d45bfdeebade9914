package io.lockstep.kv.snapshot;

import io.lockstep.kv.apply.State;
import io.lockstep.kv.command.FieldCodec;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.request.RequestTable;
import io.lockstep.kv.request.StoredAnswer;
import io.lockstep.kv.result.ResultCodec;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.statemachine.ItemReader;
import io.lockstep.raft.statemachine.ItemWriter;
import java.io.IOException;

/** The stored answers, the oldest first. */
final class RequestsSection implements Section {
  @Override
  public int id() {
    return 4;
  }

  @Override
  public String title() {
    return "stored answers";
  }

  @Override
  public int format() {
    return 2;
  }

  @Override
  public void write(State state, ItemWriter out) throws IOException {
    Fields.writeCount(out, state.requests().size());
    RequestTable.Cursor answers = state.requests().cursor();
    for (StoredAnswer answer = answers.next(); answer != null; answer = answers.next()) {
      ByteWriter item = out.begin();
      RequestKey key = answer.key();
      item.text(key.scope()).bytes(key.text()).bytes(key.fingerprint());
      item.varint(answer.index()).varint(answer.revision()).varint(answer.clusterTimeMillis());
      ResultCodec.write(item, answer.result());
      out.end();
    }
  }

  @Override
  public void read(ItemReader in, int format, RestoredState state) throws IOException {
    long count = Fields.readCount(in);
    long last = 0;
    for (long i = 0; i < count; i++) {
      ByteReader item = in.next();
      RequestKey key = new RequestKey(FieldCodec.text(item), item.bytes(), item.bytes());
      StoredAnswer answer =
          StoredAnswer.restored(
              key,
              Fields.number(item),
              Fields.number(item),
              Fields.number(item),
              ResultCodec.read(item));
      item.end();
      if (answer.index() <= last) {
        throw new Malformed("the indices of stored answers do not ascend");
      }
      last = answer.index();
      state.requests = state.requests.with(answer);
    }
    if (state.requests.size() != count) {
      throw new Malformed("two answers have one key");
    }
  }
}
