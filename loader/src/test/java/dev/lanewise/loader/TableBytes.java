package dev.lanewise.loader;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;

/** Writes sorted tables as LevelDB does, broken ones too. */
final class TableBytes {

  private static final class Entry {

    private final byte[] key;
    private final byte[] value;

    Entry(byte[] key, byte[] value) {
      this.key = key;
      this.value = value;
    }
  }

  private final List<Entry> entries = new ArrayList<>();
  int entriesPerBlock = 7;
  int restartInterval = 3;
  int packing;
  UnaryOperator<byte[]> pack = UnaryOperator.identity();

  TableBytes entry(byte[] key, byte[] value) {
    entries.add(new Entry(key, value));
    return this;
  }

  TableBytes entry(String key, byte[] value) {
    return entry(key.getBytes(StandardCharsets.UTF_8), value);
  }

  byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    List<Entry> index = new ArrayList<>();
    for (int i = 0; i < entries.size(); i += entriesPerBlock) {
      List<Entry> part = entries.subList(i, Math.min(entries.size(), i + entriesPerBlock));
      byte[] handle = add(out, block(part, restartInterval), packing, pack);
      index.add(new Entry(part.getLast().key, handle));
    }
    byte[] filters = add(out, block(List.of(), 1), packing, pack);
    byte[] blocks = add(out, block(index, 1), packing, pack);
    return footer(out, filters, blocks);
  }

  Path write(Path file) throws IOException {
    return Files.write(file, bytes());
  }

  /** A table of these raw blocks, listed under these keys. */
  static byte[] of(List<byte[]> blocks, List<String> keys) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    List<Entry> index = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      byte[] handle = add(out, blocks.get(i), 0, UnaryOperator.identity());
      index.add(new Entry(keys.get(i).getBytes(StandardCharsets.UTF_8), handle));
    }
    return withIndex(out, block(index, 1));
  }

  /** A table of one data block and this block of blocks. */
  static byte[] withIndex(byte[] data, byte[] index) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    add(out, data, 0, UnaryOperator.identity());
    return withIndex(out, index);
  }

  private static byte[] withIndex(ByteArrayOutputStream out, byte[] index) {
    byte[] filters = add(out, block(List.of(), 1), 0, UnaryOperator.identity());
    return footer(out, filters, add(out, index, 0, UnaryOperator.identity()));
  }

  static byte[] footer(ByteArrayOutputStream out, byte[] filters, byte[] blocks) {
    byte[] handles = Arrays.copyOf(filters, 40);
    System.arraycopy(blocks, 0, handles, filters.length, blocks.length);
    out.writeBytes(handles);
    number(out, SortedTable.MAGIC, 8);
    return out.toByteArray();
  }

  static void number(ByteArrayOutputStream out, long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      out.write((int) (value >>> (8 * i)));
    }
  }

  static int checksum(byte[] bytes, int length) {
    CRC32C sum = new CRC32C();
    sum.update(bytes, 0, length);
    return (int) sum.getValue();
  }

  static int masked(int checksum) {
    return ((checksum >>> 15) | (checksum << 17)) + 0xa282ead8;
  }

  /** Appends a block; returns its handle. */
  static byte[] add(
      ByteArrayOutputStream out, byte[] block, int packing, UnaryOperator<byte[]> pack) {
    byte[] content = pack.apply(block);
    byte[] packed = Arrays.copyOf(content, content.length + 1);
    packed[content.length] = (byte) packing;
    ByteArrayOutputStream place = new ByteArrayOutputStream();
    Proto.varint(place, out.size());
    Proto.varint(place, content.length);
    out.writeBytes(packed);
    number(out, masked(checksum(packed, packed.length)), 4);
    return place.toByteArray();
  }

  private static byte[] block(List<Entry> entries, int interval) {
    Block block = new Block();
    byte[] last = {};
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      int shared = 0;
      if (i % interval == 0) {
        block.restart();
      } else {
        int mismatch = Arrays.mismatch(last, entry.key);
        shared = mismatch < 0 ? last.length : mismatch;
      }
      byte[] rest = Arrays.copyOfRange(entry.key, shared, entry.key.length);
      block.entry(shared, rest, entry.value);
      last = entry.key;
    }
    if (entries.isEmpty()) {
      block.restart();
    }
    return block.bytes();
  }

  /** One block, entry by entry. */
  static final class Block {

    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    final List<Integer> restarts = new ArrayList<>();

    Block restart() {
      restarts.add(out.size());
      return this;
    }

    Block entry(int shared, byte[] rest, byte[] value) {
      lengths(shared, rest.length, value.length);
      out.writeBytes(rest);
      out.writeBytes(value);
      return this;
    }

    Block entry(int shared, String rest, String value) {
      return entry(
          shared, rest.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8));
    }

    Block lengths(long shared, long rest, long value) {
      Proto.varint(out, shared);
      Proto.varint(out, rest);
      Proto.varint(out, value);
      return this;
    }

    byte[] bytes() {
      return bytes(restarts.size());
    }

    byte[] bytes(long count) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      all.writeBytes(out.toByteArray());
      restarts.forEach(restart -> number(all, restart, 4));
      number(all, count, 4);
      return all.toByteArray();
    }
  }
}
