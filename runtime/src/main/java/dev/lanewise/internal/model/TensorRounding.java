package dev.lanewise.internal.model;

import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.Floats;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.Matrix.Layout;
import dev.lanewise.kernels.Q4Blocks;
import dev.lanewise.kernels.Q8Blocks;
import dev.lanewise.kernels.SmallWeights;
import dev.lanewise.loader.Checkpoint;
import dev.lanewise.loader.SafetensorsWriter;
import dev.lanewise.loader.SafetensorsWriter.Sink;
import dev.lanewise.loader.SafetensorsWriter.Tensor;
import dev.lanewise.loader.TensorInfo;
import dev.lanewise.loader.UnsupportedCheckpointException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/** A tensor as it is to be written, in another type. */
public final class TensorRounding {

  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort BITS_16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private TensorRounding() {}

  /**
   * The tensor in {@code type}, or as it is stored if it has that type or its inputs do not fill
   * blocks. Of a type with scales it becomes {@code (out, in)}.
   *
   * @param layout of the tensor, if it is a matrix
   */
  public static Tensor of(Checkpoint checkpoint, TensorInfo tensor, Layout layout, DType type) {
    boolean fits =
        tensor.shape().size() == 2
            && SmallLoader.in(tensor, layout) % Math.max(1, type.blockSize()) == 0;
    if (type == tensor.dtype() || !fits) {
      return stored(checkpoint, tensor);
    }
    SafetensorsWriter.Content content =
        sink -> {
          try (Arena arena = Arena.ofConfined()) {
            Floats floats = checkpoint.floats(tensor, arena);
            if (type == DType.F32) {
              sink.write(
                  floats.segment().asSlice(floats.offset(), (long) floats.length() * Float.BYTES));
            } else if (type.hasOutputScales()) {
              rows(floats, tensor, layout, type, arena, sink);
            } else if (type.isQuantized()) {
              blocks(floats, tensor, layout, type, arena, sink);
            } else {
              halves(floats, type, arena, sink);
            }
          } catch (IllegalArgumentException e) {
            throw new UnsupportedCheckpointException(
                "%s: tensor '%s' cannot be %s: %s"
                    .formatted(checkpoint.folder(), tensor.name(), type, e.getMessage()),
                e);
          }
        };
    List<Long> shape =
        type.isQuantized() || type.hasOutputScales()
            ? List.of(
                tensor.elements() / SmallLoader.in(tensor, layout),
                (long) SmallLoader.in(tensor, layout))
            : tensor.shape();
    return new Tensor(tensor.name(), type, shape, content);
  }

  private static Tensor stored(Checkpoint checkpoint, TensorInfo tensor) {
    return new Tensor(
        tensor.name(),
        tensor.dtype(),
        tensor.shape(),
        sink -> {
          try (Arena arena = Arena.ofConfined()) {
            sink.write(checkpoint.map(tensor, arena));
          }
        });
  }

  private static void halves(Floats floats, DType type, Arena arena, Sink sink) throws IOException {
    MemorySegment halves = arena.allocate((long) floats.length() * Short.BYTES);
    for (long i = 0; i < floats.length(); i++) {
      float value = floats.segment().get(F32, floats.offset() + i * Float.BYTES);
      halves.set(BITS_16, i * Short.BYTES, type == DType.F16 ? f16(value) : bf16(value));
    }
    sink.write(halves);
  }

  private static short f16(float value) {
    short half = Float.floatToFloat16(value);
    if (Float.isFinite(value) && !Float.isFinite(Float.float16ToFloat(half))) {
      throw new IllegalArgumentException(value + " is too large for 16 bits");
    }
    return half;
  }

  /** Rounded to nearest, ties to even. */
  private static short bf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return (short)
        (Float.isNaN(value) ? bits >>> 16 | 0x40 : (bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
  }

  private static void rows(
      Floats floats, TensorInfo tensor, Layout layout, DType type, Arena arena, Sink sink)
      throws IOException {
    int in = SmallLoader.in(tensor, layout);
    Matrix source = new Matrix(floats.segment(), floats.offset(), in, floats.length() / in, layout);
    MemorySegment row = arena.allocate(type.matrixBytes(1, in));
    for (int n = 0; n < source.out(); n++) {
      SmallWeights.roundRow(source, n, row);
      sink.write(row);
    }
  }

  private static void blocks(
      Floats floats, TensorInfo tensor, Layout layout, DType type, Arena arena, Sink sink)
      throws IOException {
    int in = SmallLoader.in(tensor, layout);
    int out = floats.length() / in;
    Matrix source = new Matrix(floats.segment(), floats.offset(), in, out, layout);
    MemorySegment row = arena.allocate(type.bytes(in));
    float[] values = new float[type.blockSize()];
    long stride = in == 0 || out == 0 ? 0 : source.inStride(0);
    for (int n = 0; n < out; n++) {
      long at = source.offsetOf(0, n);
      for (int k = 0; k < in; k += values.length) {
        for (int i = 0; i < values.length; i++, at += stride) {
          values[i] = source.segment().get(F32, at);
          if (!Float.isFinite(values[i])) {
            throw new IllegalArgumentException("it holds " + values[i]);
          }
        }
        long block = (long) k / values.length * type.blockBytes();
        if (type == DType.Q8_0) {
          Q8Blocks.encode(values, row, block);
        } else {
          Q4Blocks.encode(values, row, block);
        }
      }
      sink.write(row);
    }
  }
}
