package dev.lanewise.bench.kernel;

import dev.lanewise.kernels.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/** Seeded random values in native memory. */
final class Operands {

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Operands() {}

  static MemorySegment zeros(Arena arena, long values) {
    return arena.allocate(values * Float.BYTES, 64);
  }

  /** Values in (-1, 1), different in each place and for each seed. */
  static MemorySegment random(Arena arena, long seed, long values) {
    MemorySegment segment = zeros(arena, values);
    fill(segment, seed);
    return segment;
  }

  static Floats floats(Arena arena, long seed, int values) {
    return new Floats(random(arena, seed, values), 0, values);
  }

  static void fill(MemorySegment segment, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    long values = segment.byteSize() / Float.BYTES;
    for (long i = 0; i < values; i++) {
      segment.setAtIndex(FLOAT, i, (float) (random.nextDouble() * 2 - 1));
    }
  }

  /** The same {@code bytes} random bytes of floats again and again. */
  static MemorySegment copies(Arena arena, long seed, long bytes, int copies) {
    MemorySegment segment = arena.allocate(bytes * copies, 64);
    fill(segment.asSlice(0, bytes), seed);
    for (int i = 1; i < copies; i++) {
      MemorySegment.copy(segment, 0, segment, i * bytes, bytes);
    }
    return segment;
  }

  static float get(MemorySegment segment, long index) {
    return segment.getAtIndex(FLOAT, index);
  }

  /**
   * Fails unless {@code found} is {@code expected} up to rounding.
   *
   * @param magnitude of the terms that were added up, which the error may be relative to
   */
  static void check(String what, double expected, float found, double magnitude) {
    double allowed = 1e-5 * Math.max(1, magnitude);
    if (!(Math.abs(expected - found) <= allowed)) {
      throw new AssertionError(
          "%s is %s, expected %s up to %s".formatted(what, found, expected, allowed));
    }
  }
}
