package dev.lanewise.loader;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Writes TensorFlow checkpoints of format 2 with one data file, broken ones too. */
final class BundleBytes {

  static final int FLOAT = 1;

  Proto header = header(1);
  final TableBytes table = new TableBytes();
  private final Map<String, Proto> entries = new TreeMap<>();
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();

  static Proto header(int shards) {
    return new Proto().varint(1, shards).message(3, new Proto().varint(1, 1));
  }

  /** A shape as a message. */
  static Proto shape(long... sizes) {
    Proto shape = new Proto();
    for (long size : sizes) {
      shape.message(2, new Proto().varint(1, size));
    }
    return shape;
  }

  /** A tensor of floats with its bytes. */
  BundleBytes floats(String name, long[] shape, float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return tensor(name, FLOAT, shape, bytes.array());
  }

  /** A tensor with its bytes. */
  BundleBytes tensor(String name, int type, long[] shape, byte[] bytes) {
    int checksum = TableBytes.masked(TableBytes.checksum(bytes, bytes.length));
    entry(name, shape(shape), type, data.size(), bytes.length).fixed32(6, checksum);
    data.writeBytes(bytes);
    return this;
  }

  /** An entry alone, to which fields can be added. */
  Proto entry(String name, Proto shape, int type, long offset, long bytes) {
    Proto entry = new Proto().varint(1, type).message(2, shape).varint(4, offset).varint(5, bytes);
    entries.put(name, entry);
    return entry;
  }

  BundleBytes put(String name, Proto entry) {
    entries.put(name, entry);
    return this;
  }

  byte[] index() {
    table.entry(new byte[0], header.bytes());
    entries.forEach((name, entry) -> table.entry(name, entry.bytes()));
    return table.bytes();
  }

  /** Writes both files; returns the index. */
  Path write(Path folder, String prefix) throws IOException {
    Files.write(folder.resolve(prefix + ".data-00000-of-00001"), data.toByteArray());
    return Files.write(folder.resolve(prefix + ".index"), index());
  }
}
