package io.lockstep.http.response;

import io.lockstep.raft.bytes.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * Writes JSON as UTF-8 bytes, without an object in between. Commas are set by itself; balance is
 * the caller's. Strings are escaped so that the text is also safe in a single line. Not
 * thread-safe; {@link #clear} makes it new again and keeps its memory.
 */
public final class JsonText {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final int KEPT_BYTES_MAX = 1 << 20;

  private byte[] array;
  private int size;
  private boolean comma;

  public JsonText(int capacity) {
    array = new byte[Math.max(64, capacity)];
  }

  /** Opens an object. */
  public JsonText begin() {
    return open('{');
  }

  /** Closes an object. */
  public JsonText end() {
    return close('}');
  }

  /** Opens an array. */
  public JsonText beginArray() {
    return open('[');
  }

  /** Closes an array. */
  public JsonText endArray() {
    return close(']');
  }

  /** The name of the next value; plain ASCII that needs no escape. */
  public JsonText name(String name) {
    separate();
    put((byte) '"');
    ascii(name);
    put((byte) '"');
    put((byte) ':');
    comma = false;
    return this;
  }

  public JsonText field(String name, String value) {
    return name(name).value(value);
  }

  public JsonText field(String name, long value) {
    return name(name).value(value);
  }

  public JsonText field(String name, boolean value) {
    return name(name).value(value);
  }

  /** A field whose value is absent. */
  public JsonText fieldNull(String name) {
    name(name);
    ascii("null");
    comma = true;
    return this;
  }

  public JsonText value(long value) {
    separate();
    number(value);
    comma = true;
    return this;
  }

  public JsonText value(boolean value) {
    separate();
    ascii(value ? "true" : "false");
    comma = true;
    return this;
  }

  public JsonText value(String value) {
    separate();
    put((byte) '"');
    int length = value.length();
    reserve(length + 16);
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      if (c < 0x80) {
        escaped((byte) c);
      } else {
        i = encode(value, i);
      }
    }
    put((byte) '"');
    comma = true;
    return this;
  }

  /** UTF-8 text as a string; the caller knows that it is valid. */
  public JsonText utf8(Bytes text) {
    separate();
    put((byte) '"');
    int length = text.length();
    reserve(length + 16);
    for (int i = 0; i < length; i++) {
      byte b = text.at(i);
      if (b < 0) {
        put(b);
      } else {
        escaped(b);
      }
    }
    put((byte) '"');
    comma = true;
    return this;
  }

  /** A key or name: as text, or where it is not UTF-8 url-safe base64 under {@code name_b64}. */
  public JsonText key(String name, Bytes key) {
    if (Utf8.valid(key)) {
      return name(name).utf8(key);
    }
    return field(name + "_b64", Base64.getUrlEncoder().withoutPadding().encodeToString(array(key)));
  }

  /** A value: as text, or where it is not UTF-8 base64 under {@code value_base64}. */
  public JsonText content(Bytes value) {
    if (Utf8.valid(value)) {
      return name("value").utf8(value);
    }
    return field("value_base64", Base64.getEncoder().encodeToString(array(value)));
  }

  /** Another text as a value. */
  public JsonText raw(JsonText other) {
    separate();
    bytes(other.array, other.size);
    comma = true;
    return this;
  }

  /** Bytes that are no part of the JSON grammar, such as line ends between documents. */
  public JsonText plain(String ascii) {
    ascii(ascii);
    comma = false;
    return this;
  }

  public int size() {
    return size;
  }

  /** The memory behind the text; valid up to {@link #size} and until the next call. */
  public byte[] array() {
    return array;
  }

  public byte[] toArray() {
    return Arrays.copyOf(array, size);
  }

  /** Starts anew; memory that grew out of proportion is given back. */
  public JsonText clear() {
    if (array.length > KEPT_BYTES_MAX) {
      array = new byte[4096];
    }
    size = 0;
    comma = false;
    return this;
  }

  /** Forgets what was written after {@code earlierSize}; the next value gets a comma. */
  public void cutTo(int earlierSize) {
    size = earlierSize;
    comma = true;
  }

  @Override
  public String toString() {
    return new String(array, 0, size, StandardCharsets.UTF_8);
  }

  private static byte[] array(Bytes bytes) {
    return bytes.toArray();
  }

  private JsonText open(char bracket) {
    separate();
    put((byte) bracket);
    comma = false;
    return this;
  }

  private JsonText close(char bracket) {
    put((byte) bracket);
    comma = true;
    return this;
  }

  private void separate() {
    if (comma) {
      put((byte) ',');
      comma = false;
    }
  }

  private void escaped(byte b) {
    if (b >= 0x20 && b != '"' && b != '\\' && b != 0x7f) {
      put(b);
      return;
    }
    put((byte) '\\');
    switch (b) {
      case '"', '\\' -> put(b);
      case '\n' -> put((byte) 'n');
      case '\r' -> put((byte) 'r');
      case '\t' -> put((byte) 't');
      default -> {
        ascii("u00");
        put(HEX[b >> 4 & 0xf]);
        put(HEX[b & 0xf]);
      }
    }
  }

  private int encode(String value, int index) {
    char c = value.charAt(index);
    int last = index;
    int point = c;
    if (Character.isSurrogate(c)) {
      boolean pair =
          Character.isHighSurrogate(c)
              && index + 1 < value.length()
              && Character.isLowSurrogate(value.charAt(index + 1));
      point = pair ? Character.toCodePoint(c, value.charAt(index + 1)) : 0xfffd;
      last = pair ? index + 1 : index;
    }
    if (point < 0x800) {
      put((byte) (0xc0 | point >> 6));
    } else {
      if (point < 0x10000) {
        put((byte) (0xe0 | point >> 12));
      } else {
        put((byte) (0xf0 | point >> 18));
        put((byte) (0x80 | point >> 12 & 0x3f));
      }
      put((byte) (0x80 | point >> 6 & 0x3f));
    }
    put((byte) (0x80 | point & 0x3f));
    return last;
  }

  private void number(long value) {
    if (value < 0) {
      ascii(Long.toString(value));
      return;
    }
    int digits = 1;
    for (long rest = value; rest >= 10; rest /= 10) {
      digits++;
    }
    reserve(digits);
    long rest = value;
    for (int at = size + digits - 1; at >= size; at--) {
      array[at] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    size += digits;
  }

  private void ascii(String text) {
    int length = text.length();
    reserve(length);
    for (int i = 0; i < length; i++) {
      array[size + i] = (byte) text.charAt(i);
    }
    size += length;
  }

  private void bytes(byte[] source, int length) {
    reserve(length);
    System.arraycopy(source, 0, array, size, length);
    size += length;
  }

  private void put(byte b) {
    reserve(1);
    array[size++] = b;
  }

  private void reserve(int more) {
    if (array.length - size < more) {
      array = Arrays.copyOf(array, Math.max(array.length * 2, Math.addExact(size, more)));
    }
  }
}
