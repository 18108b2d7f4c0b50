package dev.lanewise;

import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.SmallWeights;
import org.jspecify.annotations.Nullable;

/**
 * Type of a model's matrices in memory: those of the blocks, the token embedding and the output.
 * Norms, biases, positions and classifier stay float32, and so do matrices whose inputs are no
 * multiple of 32. But for I8A8, sums are taken in float32 whatever the type; see {@link
 * SmallWeights} for the numbers.
 */
public enum WeightType {
  /** As the file has them, if it has F32 or one of the types below; else F32. */
  STORED(null),
  /** 32 bits. */
  F32(DType.F32),
  /** 16 bits, IEEE 754 binary16. */
  F16(DType.F16),
  /** 16 bits, the upper half of a float32. */
  BF16(DType.BF16),
  /** 8 bits, and a float32 scale for each output. */
  I8(DType.I8_SCALED),
  /**
   * As I8, and what is multiplied with the matrices is rounded to 8 bits too, with a scale for each
   * token: the only type that changes more than weights.
   */
  I8A8(DType.I8A8),
  /** 8.5 bits: 8, and an F16 scale for 32 inputs. */
  Q8_0(DType.Q8_0),
  /** 4.5 bits: 4, and an F16 scale for 32 inputs. */
  Q4_0(DType.Q4_0);

  private final @Nullable DType type;

  WeightType(@Nullable DType type) {
    this.type = type;
  }

  /**
   * The type of matrices.
   *
   * @throws IllegalArgumentException for STORED, which is none
   */
  public DType dtype() {
    if (type == null) {
      throw new IllegalArgumentException("a type is needed, STORED is none");
    }
    return type;
  }

  /** The type that a matrix with {@code in} inputs gets, stored as {@code stored}. */
  public DType of(DType stored, int in) {
    DType wanted = type == null ? stored : type;
    return SmallWeights.fits(wanted, in) ? wanted : DType.F32;
  }
}
