package dev.lanewise.kernels.internal.vector;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.lanewise.kernels.internal.Fma;
import java.lang.management.ManagementFactory;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector shape of this JVM, which every kernel uses: 128, 256 or 512 bits.
 *
 * <p>No kernel uses another one, not even for the last lanes of a sum. Each shape is a class, the
 * methods of {@code FloatVector} are virtual, and what is kept from one step of a loop to the next
 * is just a {@code FloatVector} to the compiler: that it is of this class it takes from what the
 * JVM has seen. Once it has seen two, some loops make an object of a vector at each step, depending
 * on which method was compiled first.
 */
final class Species {

  /** The JVM's preferred shape, at most 512 bits: a sum has 16 lanes. */
  static final VectorSpecies<Float> FLOATS =
      FloatVector.SPECIES_PREFERRED.vectorBitSize() > 512
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_PREFERRED;

  /** Integers of the same shape. */
  static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());

  /** Floats a vector: 4, 8 or 16. */
  static final int L = FLOATS.length();

  /** Bytes a vector. */
  static final long BYTES = FLOATS.vectorByteSize();

  /** Moves lane i + 8 to lane i. */
  static final VectorShuffle<Float> BY_EIGHT = VectorShuffle.fromOp(FLOATS, i -> (i + 8) % L);

  /** Moves lane i + 4 to lane i. */
  static final VectorShuffle<Float> BY_FOUR = VectorShuffle.fromOp(FLOATS, i -> (i + 4) % L);

  /** Weights and activations are little-endian. */
  static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  /** Whether the CPU has 32 vector registers: AVX-512 and aarch64; otherwise 16. */
  static final boolean MANY_REGISTERS =
      FLOATS.vectorShape() == VectorShape.S_512_BIT
          || System.getProperty("os.arch", "").equals("aarch64");

  /**
   * Whether a and b are multiplied and added with one rounding. Every kernel asks this in place: a
   * method that did it for them was compiled alone now and then, C2 took its code for too large to
   * inline ("already compiled into a medium method"), and all vectors of its caller became objects.
   */
  static final boolean FMA = Fma.ENABLED;

  /** Whether the kernels for eight rows can be used: they know only fused operations. */
  static final boolean EIGHT_ROWS = MANY_REGISTERS && FMA;

  /**
   * Whether comparisons of vectors are machine instructions: not without AVX, where the JVM makes
   * an object of every mask. What needs them then is done by the scalar code, with the same bits.
   */
  static final boolean COMPARES = !"0".equals(option("UseAVX"));

  private Species() {}

  /** A flag of this JVM; empty where it has no such flag. */
  private static String option(String name) {
    try {
      HotSpotDiagnosticMXBean bean =
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      return bean == null ? "" : bean.getVMOption(name).getValue();
    } catch (IllegalArgumentException e) {
      return "";
    }
  }
}
