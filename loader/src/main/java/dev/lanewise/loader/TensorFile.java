package dev.lanewise.loader;

import java.nio.file.Path;
import java.util.Map;
import java.util.SequencedMap;

/**
 * What one file of tensors holds, checked against all rules of its format and against the size of
 * the file.
 *
 * @param file that was read
 * @param fileBytes its size
 * @param tensors by name, in the order in which the file lists them
 * @param metadata of the writer
 * @param checksums CRC-32C of tensors by name, where the format has them
 */
record TensorFile(
    Path file,
    long fileBytes,
    SequencedMap<String, TensorInfo> tensors,
    Map<String, String> metadata,
    Map<String, Integer> checksums) {

  /** A file of a format without checksums. */
  TensorFile(
      Path file,
      long fileBytes,
      SequencedMap<String, TensorInfo> tensors,
      Map<String, String> metadata) {
    this(file, fileBytes, tensors, metadata, Map.of());
  }
}
