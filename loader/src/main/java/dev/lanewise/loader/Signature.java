package dev.lanewise.loader;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/** What a file is, by its first bytes. */
enum Signature {
  /** Length, then a JSON object: most likely safetensors. */
  SAFETENSORS,
  /** A JSON object. */
  JSON,
  /** Nothing at all. */
  EMPTY,
  /** What git leaves in place of a large file. */
  GIT_LFS_POINTER,
  /** What a web server answers in place of a file. */
  HTML,
  /** llama.cpp's format. */
  GGUF,
  /** A zip archive: PyTorch since 1.6, .npz. */
  ZIP,
  /** A Python pickle: PyTorch before 1.6. */
  PICKLE,
  /** A NumPy array. */
  NPY,
  /** Keras, h5. */
  HDF5,
  /** A sorted table: the index of a TensorFlow checkpoint. */
  TABLE,
  /** Compressed by gzip. */
  GZIP,
  /** Nothing that we know. */
  UNKNOWN;

  private static final int PEEK_BYTES = 512;

  /** A folder has no content; a pipe or device has no size and may never end. */
  static void requireRegular(Path file) throws MalformedCheckpointException {
    if (!Files.isRegularFile(file)) {
      throw new MalformedCheckpointException(
          file.getFileName()
              + (Files.isDirectory(file) ? ": is a folder" : ": is not a regular file")
              + ", expected a file");
    }
  }

  /** Looks at the first bytes of a file, which must not be a folder. */
  static Signature of(Path file) throws IOException {
    requireRegular(file);
    byte[] head;
    try (InputStream in = Files.newInputStream(file)) {
      head = in.readNBytes(PEEK_BYTES);
    }
    // Before all others: a header of 640 bytes begins like a pickle.
    if (head.length > 8 && head[8] == '{') {
      long length = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
      if (length >= 2 && length <= SafetensorsReader.MAX_HEADER_BYTES) {
        return SAFETENSORS;
      }
    }
    String text = new String(head, StandardCharsets.ISO_8859_1);
    String begin = text.replaceFirst("^(\u00ef\u00bb\u00bf)?\\s*", "").toLowerCase(Locale.ROOT);
    if (head.length == 0) {
      return EMPTY;
    } else if (text.startsWith("version https://git-lfs")) {
      return GIT_LFS_POINTER;
    } else if (begin.startsWith("<!doctype") || begin.startsWith("<html")) {
      return HTML;
    } else if (text.startsWith("GGUF")) {
      return GGUF;
    } else if (text.startsWith("PK\u0003\u0004")) {
      return ZIP;
    } else if (text.startsWith("\u0093NUMPY")) {
      return NPY;
    } else if (text.startsWith("\u0089HDF\r\n")) {
      return HDF5;
    } else if (text.startsWith("\u001f\u008b")) {
      return GZIP;
    } else if (head.length > 2 && (head[0] & 0xff) == 0x80 && head[1] >= 2 && head[1] <= 5) {
      return PICKLE;
    } else if (begin.startsWith("{")) {
      return JSON;
    }
    return isTable(file) ? TABLE : UNKNOWN;
  }

  /** This one is known by its end. */
  private static boolean isTable(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer end = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      channel.read(end, Math.max(0, channel.size() - Long.BYTES));
      return end.getLong(0) == SortedTable.MAGIC;
    }
  }

  /** Whether it is none of the files that people mean to have. */
  boolean isAccident() {
    return this == EMPTY || this == GIT_LFS_POINTER || this == HTML;
  }

  /** The error for a file that cannot be opened as weights. */
  IOException refusal(Path file) {
    return refusal(file, "weights");
  }

  /** The error for a file that cannot be opened as what it should be. */
  IOException refusal(Path file, String expected) {
    String name = file.getFileName() + ": ";
    String supported =
        "; supported: safetensors and PyTorch, one file or shards with an index, GGUF,"
            + " TensorFlow checkpoints, and the arrays of the 2018 release with params_shapes.json";
    return switch (this) {
      case EMPTY -> new MalformedCheckpointException(name + "is empty; download it again");
      case GIT_LFS_POINTER ->
          new MalformedCheckpointException(
              name
                  + "is a Git LFS pointer, not "
                  + expected
                  + "; run 'git lfs pull' or download the file again");
      case HTML ->
          new MalformedCheckpointException(
              name + "is an HTML page, not " + expected + "; download the file again");
      case GGUF -> new UnsupportedCheckpointException(name + "is a GGUF file" + supported);
      case ZIP ->
          new UnsupportedCheckpointException(
              name + "is a zip archive, perhaps a PyTorch checkpoint" + supported);
      case PICKLE ->
          new UnsupportedCheckpointException(
              name + "is a Python pickle, perhaps an old PyTorch checkpoint" + supported);
      case NPY -> new UnsupportedCheckpointException(name + "is a NumPy array" + supported);
      case HDF5 ->
          new UnsupportedCheckpointException(
              name + "is an HDF5 file, perhaps of TensorFlow" + supported);
      case TABLE ->
          new UnsupportedCheckpointException(
              name + "is the index of a TensorFlow checkpoint" + supported);
      case GZIP ->
          new UnsupportedCheckpointException(
              name + "is compressed by gzip; unpack it first" + supported);
      case JSON, SAFETENSORS, UNKNOWN ->
          new UnsupportedCheckpointException(name + "is of no known format" + supported);
    };
  }
}
