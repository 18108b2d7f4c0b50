package dev.lanewise.loader;

import dev.lanewise.kernels.DType;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tensors of quantized types in a safetensors file, whose format has no such dtypes: the blocks, in
 * the order of a matrix {@code (out, in)}, are a tensor of U8, and the file's metadata has an entry
 * {@code quantized:NAME} with the value {@code Q8_0 [out, in]}. Of I8_SCALED and I8A8 each row is
 * the float32 scale of the output, then a signed byte for each input.
 */
final class QuantizedEntry {

  /** Before the tensor's name in the key. */
  static final String PREFIX = "quantized:";

  private static final Pattern VALUE =
      Pattern.compile("(Q8_0|Q4_0|I8_SCALED|I8A8) \\[([0-9]{1,9}), ([0-9]{1,9})\\]");

  private QuantizedEntry() {}

  /** Whether matrices of this type are stored so. */
  static boolean holds(DType type) {
    return type.isQuantized() || type.hasOutputScales();
  }

  /** The value for a matrix. */
  static String value(DType type, int out, int in) {
    return "%s [%d, %d]".formatted(type, out, in);
  }

  /**
   * The tensor that {@code bytes} are.
   *
   * @throws MalformedCheckpointException if value and bytes do not fit
   */
  static TensorInfo read(String value, TensorInfo bytes) throws MalformedCheckpointException {
    Matcher matcher = VALUE.matcher(value);
    if (!matcher.matches()) {
      throw new MalformedCheckpointException(
          bytes.place()
              + " is quantized as "
              + Quoted.of(value)
              + ", expected Q8_0, Q4_0, I8_SCALED or I8A8 and a shape, as in 'Q8_0 [2304, 768]'");
    }
    DType type = DType.valueOf(matcher.group(1));
    long out = Long.parseLong(matcher.group(2));
    long in = Long.parseLong(matcher.group(3));
    if (bytes.dtype() != DType.U8 || in % type.blockSize() != 0) {
      throw new MalformedCheckpointException(
          "%s holds %s, expected U8 for %s with rows of whole blocks of %d"
              .formatted(bytes.place(), bytes.dtype(), value, type.blockSize()));
    }
    long expected = type.matrixBytes(out, in);
    if (bytes.bytes() != expected) {
      throw new MalformedCheckpointException(
          "%s has %d bytes, expected %d for %s"
              .formatted(bytes.place(), bytes.bytes(), expected, value));
    }
    return new TensorInfo(
        bytes.name(), type, List.of(out, in), bytes.file(), bytes.offset(), bytes.bytes());
  }
}
