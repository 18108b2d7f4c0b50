package dev.lanewise.loader;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/** Writes zip archives of stored entries as PyTorch does, broken ones too. */
final class ZipBytes {

  private static final long UNSET = -7;

  /** An entry, as its header and the directory tell it. */
  static final class Entry {

    private final byte[] data;
    String name;
    String localName;
    int method;
    int localMethod;
    int flags = 0x808;
    int localSignature = 0x04034b50;
    int centralSignature = 0x02014b50;
    long bytes;
    long packed;
    long header = UNSET;
    byte[] extra = {};
    boolean sizes64;

    private Entry(String name, byte[] data) {
      this.name = name;
      this.localName = name;
      this.data = data;
      this.bytes = data.length;
      this.packed = data.length;
    }
  }

  private final List<Entry> entries = new ArrayList<>();
  boolean end64;
  int disk;
  int endSignature64 = 0x06064b50;
  int locatorSignature = 0x07064b50;
  long moreEntries;
  long moreBytes;
  long moreOffset;
  byte[] comment = {};
  int padding;

  /** Bytes of the file before this. */
  long base;

  ZipBytes add(String name, byte[] data) {
    entries.add(new Entry(name, data));
    return this;
  }

  Entry entry(int index) {
    return entries.get(index);
  }

  private static void number(ByteArrayOutputStream out, long value, int bytes) {
    TableBytes.number(out, value, bytes);
  }

  byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Entry entry : entries) {
      if (entry.header == UNSET) {
        entry.header = base + out.size();
      }
      byte[] name = entry.localName.getBytes(StandardCharsets.UTF_8);
      number(out, entry.localSignature, 4);
      number(out, 0, 2);
      number(out, entry.flags, 2);
      number(out, entry.localMethod, 2);
      number(out, 0, 16);
      number(out, name.length, 2);
      number(out, padding, 2);
      out.writeBytes(name);
      out.writeBytes(new byte[padding]);
      out.writeBytes(entry.data);
    }
    long start = out.size();
    entries.forEach(entry -> central(out, entry));
    long bytes = out.size() - start + moreBytes;
    end(out, entries.size() + moreEntries, bytes, base + start + moreOffset);
    return out.toByteArray();
  }

  private static void central(ByteArrayOutputStream out, Entry entry) {
    byte[] name = entry.name.getBytes(StandardCharsets.UTF_8);
    CRC32 sum = new CRC32();
    sum.update(entry.data);
    byte[] extra = entry.sizes64 ? extra64(entry) : entry.extra;
    number(out, entry.centralSignature, 4);
    number(out, 0, 4);
    number(out, entry.flags, 2);
    number(out, entry.method, 2);
    number(out, 0, 4);
    number(out, sum.getValue(), 4);
    number(out, entry.sizes64 ? -1 : entry.packed, 4);
    number(out, entry.sizes64 ? -1 : entry.bytes, 4);
    number(out, name.length, 2);
    number(out, extra.length, 2);
    number(out, 0, 10);
    number(out, entry.sizes64 ? -1 : entry.header, 4);
    out.writeBytes(name);
    out.writeBytes(extra);
  }

  private static byte[] extra64(Entry entry) {
    ByteArrayOutputStream extra = new ByteArrayOutputStream();
    extra.writeBytes(entry.extra);
    number(extra, 1, 2);
    number(extra, 24, 2);
    number(extra, entry.bytes, 8);
    number(extra, entry.packed, 8);
    number(extra, entry.header, 8);
    return extra.toByteArray();
  }

  private void end(ByteArrayOutputStream out, long count, long bytes, long offset) {
    if (end64) {
      long at = base + out.size();
      number(out, endSignature64, 4);
      number(out, 44, 8);
      number(out, 0, 4);
      number(out, disk, 4);
      number(out, disk, 4);
      number(out, count, 8);
      number(out, count, 8);
      number(out, bytes, 8);
      number(out, offset, 8);
      number(out, locatorSignature, 4);
      number(out, disk, 4);
      number(out, at, 8);
      number(out, 1, 4);
    }
    number(out, 0x06054b50, 4);
    number(out, end64 ? 0 : disk, 2);
    number(out, end64 ? 0 : disk, 2);
    number(out, end64 ? -1 : count, 2);
    number(out, end64 ? -1 : count, 2);
    number(out, end64 ? -1 : bytes, 4);
    number(out, end64 ? -1 : offset, 4);
    number(out, comment.length, 2);
    out.writeBytes(comment);
  }

  Path write(Path file) throws IOException {
    return Files.write(file, bytes());
  }
}
