package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Objects;

/**
 * A dense weight matrix in native memory, little-endian, rows without gaps; need not be aligned.
 * Weights of fewer than 32 bits lie as {@link SmallWeights} says, in panels.
 *
 * @param segment the memory; native, not heap
 * @param offset of the first element, in bytes
 * @param in input features, the length of a row of x
 * @param out output features, the length of a row of y = x W
 * @param layout order of the elements
 * @param type of the elements: F32 or one of {@link SmallWeights#TYPES}
 */
public record Matrix(
    MemorySegment segment, long offset, int in, int out, Layout layout, DType type) {

  /** Outputs of a panel, {@link Layout#PANELS}: 128 bytes, two vectors of 512 bits. */
  public static final int PANEL = 32;

  /** Order of the elements in memory. */
  public enum Layout {
    /** Row k holds the weights of input k, {@code (in, out)}: GPT's Conv1D. */
    IN_OUT,
    /**
     * {@code (in, out)} cut into panels of {@link #PANEL} outputs, {@code (out / 32, in, 32)}: what
     * a kernel reads is one stream. The last panel is narrower where 32 does not divide the number
     * of outputs. The same results as {@link #IN_OUT}, bit for bit.
     */
    PANELS,
    /** Row n holds the weights of output n, {@code (out, in)}: a Linear layer, embeddings. */
    OUT_IN;

    /** Whether a product is a dot product of two rows, rather than a sum over the inputs. */
    public boolean isDot() {
      return this == OUT_IN;
    }
  }

  /** A matrix of float32. */
  public Matrix(MemorySegment segment, long offset, int in, int out, Layout layout) {
    this(segment, offset, in, out, layout, DType.F32);
  }

  /** Checks that all elements lie within the segment. */
  public Matrix {
    Objects.requireNonNull(layout);
    if (in < 0 || out < 0) {
      throw new IllegalArgumentException("negative size: in " + in + ", out " + out);
    }
    if (!segment.isNative()) {
      throw new IllegalArgumentException("weights must be in native memory");
    }
    Objects.checkFromIndexSize(offset, bytes(type, in, out, layout), segment.byteSize());
  }

  private static long bytes(DType type, int in, int out, Layout layout) {
    if (type == DType.F32) {
      return Math.multiplyExact((long) in * out, (long) Float.BYTES);
    }
    if (layout != Layout.PANELS) {
      throw new IllegalArgumentException(type + " weights must be in panels, not " + layout);
    }
    return SmallWeights.bytes(type, in, out);
  }

  /** Bytes that the elements take. */
  public long byteSize() {
    return bytes(type, in, out, layout);
  }

  /** Memory for a matrix in panels, to be filled by {@link #packPanels}. */
  public static Matrix panels(SegmentAllocator allocator, int in, int out) {
    long bytes = Math.multiplyExact((long) in * out, (long) Float.BYTES);
    return new Matrix(allocator.allocate(bytes, 64), 0, in, out, Layout.PANELS);
  }

  /**
   * Copies outputs [from, to) of a matrix {@code (in, out)} into this one, which has panels.
   * Several threads may copy different outputs.
   *
   * @param from a multiple of {@link #PANEL}
   * @param to a multiple of {@link #PANEL}, or all outputs
   */
  public void packPanels(Matrix source, int from, int to) {
    Objects.checkFromToIndex(from, to, out);
    if (layout != Layout.PANELS || source.layout != Layout.IN_OUT || type != source.type) {
      throw new IllegalArgumentException("cannot pack " + source.layout + " into " + layout);
    }
    if (source.in != in || source.out != out) {
      throw new IllegalArgumentException(
          "cannot pack %d x %d into %d x %d".formatted(source.in, source.out, in, out));
    }
    if (from % PANEL != 0 || (to % PANEL != 0 && to != out)) {
      throw new IllegalArgumentException(
          "outputs [" + from + ", " + to + ") do not begin and end panels");
    }
    for (int n = from; n < to; n = runEnd(n)) {
      long bytes = inStride(n);
      long target = offsetOf(0, n);
      for (int k = 0; k < in; k++, target += bytes) {
        MemorySegment.copy(source.segment, source.offsetOf(k, n), segment, target, bytes);
      }
    }
  }

  /** Byte offset of the float32 weight from input k to output n. */
  public long offsetOf(int k, int n) {
    long index =
        switch (layout) {
          case IN_OUT -> (long) k * out + n;
          case PANELS -> {
            int panel = n - n % PANEL;
            yield (long) panel * in + (long) k * Math.min(PANEL, out - panel) + n % PANEL;
          }
          case OUT_IN -> (long) n * in + k;
        };
    return offset + index * Float.BYTES;
  }

  /** Bytes from the weight of one input to that of the next, for output n. */
  public long inStride(int n) {
    int floats =
        switch (layout) {
          case IN_OUT -> out;
          case PANELS -> Math.min(PANEL, out - (n - n % PANEL));
          case OUT_IN -> 1;
        };
    return (long) floats * Float.BYTES;
  }

  /** The first output after n that does not lie side by side with its neighbour before. */
  public int runEnd(int n) {
    return switch (layout) {
      case IN_OUT -> out;
      case PANELS -> Math.min(out, n - n % PANEL + PANEL);
      case OUT_IN -> n + 1;
    };
  }
}
