package dev.lanewise.loader;

import dev.lanewise.kernels.Floats;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.file.Path;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The tensors of a model, mapped into memory.
 *
 * <p>Thread-safe. Data obtained from it must not be used after {@link #close}.
 */
public interface Checkpoint extends AutoCloseable {

  /**
   * Opens a folder or a file; the format is found by content, not by name.
   *
   * @throws java.nio.file.NoSuchFileException if there is nothing at {@code path}
   * @throws MalformedCheckpointException if a file breaks a rule of its format
   * @throws UnsupportedCheckpointException if no reader knows the file
   */
  @SuppressWarnings("DoNotCallSuggester")
  static Checkpoint open(Path path) throws IOException {
    throw new UnsupportedCheckpointException(path + ": no reader yet");
  }

  /** For people: "safetensors", "safetensors, 4 shards". */
  String format();

  /** All tensors by stored name, in stored order. */
  SequencedMap<String, TensorInfo> tensors();

  /** Free-form metadata of the format, empty where there is none. */
  Map<String, String> metadata();

  /** The bytes of a tensor: a read-only view of the mapped file, need not be aligned. */
  MemorySegment data(TensorInfo tensor);

  /**
   * A tensor as float32: the mapped bytes themselves where they are float32 already, else widened
   * into memory from {@code allocator}.
   *
   * @throws UnsupportedCheckpointException if the type holds no floats or they are not supported
   */
  Floats floats(TensorInfo tensor, SegmentAllocator allocator) throws IOException;

  /** Unmaps the files. Idempotent. */
  @Override
  void close();
}
