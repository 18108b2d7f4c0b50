package dev.lanewise.loader;

import dev.lanewise.kernels.DType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the header of a NumPy array, versions 1 to 3: magic, version, length, and a literal of
 * three keys; the data follow.
 *
 * @param file that was read
 * @param fileBytes its size
 * @param dtype of the elements
 * @param shape sizes, outermost first
 * @param dataStart where the data begin
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">the
 *     format</a>
 */
record NpyReader(Path file, long fileBytes, DType dtype, List<Long> shape, long dataStart) {

  /** The format's own limit of version 1; no array of numbers needs more. */
  static final int MAX_HEADER_BYTES = 65_535;

  private static final String MAGIC = "\u0093NUMPY";
  private static final Pattern HEADER =
      Pattern.compile(
          "\\{'descr': (.{1,300}?), 'fortran_order': (True|False), 'shape': \\(([0-9,"
              + " ]{0,300})\\),? ?\\} *\n"
              + "?");
  private static final Pattern SIZE = Pattern.compile("[0-9]{1,18}");

  /** Reads and checks the header of {@code file}. */
  static NpyReader read(Path file) throws IOException {
    try (FileCursor in = FileCursor.open(file)) {
      String magic = new String(in.bytes(6, "the magic"), StandardCharsets.ISO_8859_1);
      if (!magic.equals(MAGIC)) {
        throw new MalformedCheckpointException(in.name() + ": does not begin as a NumPy array");
      }
      int major = in.u8("the version");
      int minor = in.u8("the version");
      if (major < 1 || major > 3) {
        throw new UnsupportedCheckpointException(
            in.name()
                + ": is a NumPy array of format "
                + major
                + "."
                + minor
                + ", supported are 1 to 3");
      }
      long length = major == 1 ? in.u16("the header length") : in.u32("the header length");
      if (length > MAX_HEADER_BYTES) {
        throw in.invalid("the header has " + length + " bytes, expected up to " + MAX_HEADER_BYTES);
      }
      return parse(file, in, in.utf8((int) length, "the header"));
    }
  }

  private static NpyReader parse(Path file, FileCursor in, String header) throws IOException {
    Matcher keys = HEADER.matcher(header);
    if (!keys.matches()) {
      throw new MalformedCheckpointException(
          in.name()
              + ": the header is "
              + Quoted.of(header.strip())
              + ", expected 'descr', 'fortran_order' and 'shape'");
    }
    if (keys.group(2).equals("True")) {
      throw new UnsupportedCheckpointException(
          in.name() + ": is stored in Fortran order, supported is C order");
    }
    DType dtype = dtype(in, keys.group(1));
    List<Long> shape = shape(in, keys.group(3));
    long bytes;
    try {
      bytes = dtype.bytes(TensorInfo.elements(shape));
    } catch (ArithmeticException e) {
      throw new MalformedCheckpointException(
          in.name() + ": has shape " + shape + ", whose size passes 2^63 bytes", e);
    }
    if (bytes != in.remaining()) {
      throw new MalformedCheckpointException(
          in.name()
              + ": has "
              + in.remaining()
              + " bytes of data, expected "
              + bytes
              + " for "
              + dtype
              + " "
              + shape
              + (bytes > in.remaining() ? ": the file is cut" : ""));
    }
    return new NpyReader(file, in.size(), dtype, shape, in.position());
  }

  private static DType dtype(FileCursor in, String descr) throws IOException {
    return switch (descr) {
      case "'<f4'" -> DType.F32;
      case "'<f2'" -> DType.F16;
      case "'<f8'" -> DType.F64;
      default ->
          throw new UnsupportedCheckpointException(
              in.name()
                  + ": holds elements of type "
                  + Quoted.plain(descr)
                  + ", supported are '<f4', '<f2', '<f8'");
    };
  }

  private static List<Long> shape(FileCursor in, String sizes) throws IOException {
    List<Long> shape = new ArrayList<>(4);
    String[] parts = sizes.split(",", -1);
    for (int i = 0; i < parts.length; i++) {
      String size = parts[i].strip();
      // "()" and the comma after the last.
      if (size.isEmpty() && i == parts.length - 1) {
        continue;
      }
      if (!SIZE.matcher(size).matches()) {
        throw new MalformedCheckpointException(
            in.name() + ": has the shape " + Quoted.of("(" + sizes + ")") + ", expected sizes");
      }
      shape.add(Long.parseLong(size));
    }
    return List.copyOf(shape);
  }
}
