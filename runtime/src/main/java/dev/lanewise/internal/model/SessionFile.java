package dev.lanewise.internal.model;

import dev.lanewise.kernels.KvCache;
import dev.lanewise.loader.IncompatibleCheckpointException;
import dev.lanewise.loader.MalformedCheckpointException;
import dev.lanewise.loader.ModelConfig;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * A kept text as a file, little-endian: the magic, then as int32 layers, heads, head size,
 * positions in a block, ids, ids that have keys and values; {@link #PROBE_BYTES} of what the model
 * makes of its first token, so that another model, another rounding of its weights or a JVM without
 * FMA is noticed; the ids, filled up to 64 bytes; the blocks of {@link KvCache} by layer and head;
 * the CRC-32C of all that.
 */
final class SessionFile {

  private static final byte[] MAGIC = "LWSESS01".getBytes(StandardCharsets.US_ASCII);
  private static final int PROBE_BYTES = 32;
  private static final int HEADER_BYTES = 64;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Mapped or written at a time. */
  private static final long CHUNK = 1 << 26;

  private SessionFile() {}

  /** Writes a text; the file appears at once or not at all. */
  static void write(LoadedModel model, int[] ids, Sequence sequence, Path file) throws IOException {
    ModelConfig config = model.config();
    int seen = sequence.position();
    ByteBuffer head =
        ByteBuffer.allocate(dataStart(ids.length)).order(ByteOrder.LITTLE_ENDIAN).put(MAGIC);
    head.putInt(config.nLayer()).putInt(config.nHead()).putInt(config.headSize());
    head.putInt(KvCache.BLOCK).putInt(ids.length).putInt(seen);
    head.put(probe(model));
    for (int id : ids) {
      head.putInt(id);
    }
    Path folder = file.toAbsolutePath().getParent();
    Path written = Files.createTempFile(folder, "." + file.getFileName(), null);
    try {
      try (FileChannel channel = FileChannel.open(written, StandardOpenOption.WRITE)) {
        CRC32C crc = new CRC32C();
        write(channel, crc, head.clear());
        if (seen > 0) {
          KvCache cache = sequence.keysAndValues();
          long bytes = headBytes(config, seen);
          for (int layer = 0; layer < config.nLayer(); layer++) {
            for (int h = 0; h < config.nHead(); h++) {
              long at = cache.keysOffset(layer, h, 0);
              for (long from = 0; from < bytes; from += CHUNK) {
                long n = Math.min(CHUNK, bytes - from);
                write(channel, crc, cache.segment().asSlice(at + from, n).asByteBuffer());
              }
            }
          }
        }
        ByteBuffer sum = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        write(channel, new CRC32C(), sum.putLong(crc.getValue()).flip());
      }
      Files.move(
          written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(written);
    }
  }

  private static void write(FileChannel channel, CRC32C crc, ByteBuffer bytes) throws IOException {
    crc.update(bytes.duplicate());
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /**
   * Reads a text of this model.
   *
   * @throws MalformedCheckpointException if the file is none of these, or broken
   * @throws IncompatibleCheckpointException if it is of another model
   */
  static KeptText read(LoadedModel model, Path file) throws IOException {
    try (Arena arena = Arena.ofShared();
        FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
      if (size < HEADER_BYTES + Long.BYTES) {
        throw broken(file, "has %d bytes, less than a header".formatted(size));
      }
      MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
      return read(model, file, mapped);
    }
  }

  private static KeptText read(LoadedModel model, Path file, MemorySegment mapped)
      throws IOException {
    ModelConfig config = model.config();
    if (!Arrays.equals(mapped.asSlice(0, MAGIC.length).toArray(ValueLayout.JAVA_BYTE), MAGIC)) {
      throw broken(file, "does not begin as a saved session");
    }
    int[] sizes = mapped.asSlice(MAGIC.length, 6L * Integer.BYTES).toArray(INT);
    int[] expected = {config.nLayer(), config.nHead(), config.headSize(), KvCache.BLOCK};
    if (!Arrays.equals(sizes, 0, 4, expected, 0, 4)) {
      throw new IncompatibleCheckpointException(
          "%s: is of a model with layers, heads, head size, block %s, this one has %s"
              .formatted(
                  file, Arrays.toString(Arrays.copyOf(sizes, 4)), Arrays.toString(expected)));
    }
    int length = sizes[4];
    int seen = sizes[5];
    if (length < 0
        || length > config.nPositions() + 1
        || seen < 0
        || seen > length
        || seen > config.nPositions()) {
      throw broken(file, "names %d ids, %d of them seen".formatted(length, seen));
    }
    long headBytes = headBytes(config, seen);
    long end = dataStart(length) + (long) config.nLayer() * config.nHead() * headBytes;
    if (mapped.byteSize() != end + Long.BYTES) {
      throw broken(
          file, "has %d bytes, expected %d".formatted(mapped.byteSize(), end + Long.BYTES));
    }
    CRC32C crc = new CRC32C();
    for (long from = 0; from < end; from += CHUNK) {
      crc.update(mapped.asSlice(from, Math.min(CHUNK, end - from)).asByteBuffer());
    }
    long sum = mapped.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), end);
    if (sum != crc.getValue()) {
      throw broken(file, "its checksum is wrong");
    }
    byte[] probe =
        mapped.asSlice(HEADER_BYTES - PROBE_BYTES, PROBE_BYTES).toArray(ValueLayout.JAVA_BYTE);
    if (!Arrays.equals(probe, probe(model))) {
      throw new IncompatibleCheckpointException(
          file + ": was saved from another model, other rounded weights, or a JVM with other FMA");
    }
    int[] ids = mapped.asSlice(HEADER_BYTES, (long) length * Integer.BYTES).toArray(INT);
    for (int id : ids) {
      if (id < 0 || id >= config.vocabSize()) {
        throw broken(file, "id %d is not below %d".formatted(id, config.vocabSize()));
      }
    }
    return new KeptText(model, sequence(config, seen, mapped, dataStart(length), headBytes), ids);
  }

  /** Copied, because vector kernels that see mapped and other memory are slower on both. */
  private static Sequence sequence(
      ModelConfig config, int seen, MemorySegment mapped, long start, long headBytes) {
    Sequence sequence = new Sequence(config);
    if (seen == 0) {
      return sequence;
    }
    sequence.reserve(seen);
    KvCache cache = sequence.keysAndValues();
    long at = start;
    for (int layer = 0; layer < config.nLayer(); layer++) {
      for (int head = 0; head < config.nHead(); head++) {
        long target = cache.keysOffset(layer, head, 0);
        MemorySegment.copy(mapped, at, cache.segment(), target, headBytes);
        at += headBytes;
      }
    }
    sequence.advance(seen);
    return sequence;
  }

  private static int dataStart(int ids) {
    return Math.ceilDiv(HEADER_BYTES + ids * Integer.BYTES, 64) * 64;
  }

  /** Of the keys and values of one head in one layer. */
  private static long headBytes(ModelConfig config, int seen) {
    return 2L * Math.ceilDiv(seen, KvCache.BLOCK) * KvCache.BLOCK * config.headSize() * Float.BYTES;
  }

  /** A digest of the last state of token 0: every weight of every block has a part in it. */
  private static byte[] probe(LoadedModel model) {
    byte[] state = new byte[model.config().nEmbd() * Float.BYTES];
    model.call(
        forward -> {
          forward.begin(1, false);
          forward.run(
              new int[] {0},
              0,
              1,
              Need.ALL,
              (layer, residual, rows) ->
                  MemorySegment.copy(residual, ValueLayout.JAVA_BYTE, 0, state, 0, state.length));
        });
    try {
      return MessageDigest.getInstance("SHA-256").digest(state);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  private static MalformedCheckpointException broken(Path file, String what) {
    return new MalformedCheckpointException(file + ": " + what);
  }
}
