package dev.lanewise.loader;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Reads parts of files into memory. */
final class FileBytes {

  /** A buffer's size is an int, and a system call need not take more. */
  private static final long AT_ONCE = 1L << 26;

  private FileBytes() {}

  /**
   * Fills {@code target} from {@code offset} on.
   *
   * @param fileBytes that the file must have
   * @throws MalformedCheckpointException if it has another size, or becomes shorter meanwhile
   */
  static void read(Path file, long fileBytes, long offset, MemorySegment target)
      throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() != fileBytes) {
        throw changed(file);
      }
      for (long at = 0; at < target.byteSize(); at += AT_ONCE) {
        long bytes = Math.min(AT_ONCE, target.byteSize() - at);
        ByteBuffer part = target.asSlice(at, bytes).asByteBuffer();
        long position = offset + at;
        while (part.hasRemaining()) {
          int read = channel.read(part, position);
          if (read < 0) {
            throw changed(file);
          }
          position += read;
        }
      }
    }
  }

  static MalformedCheckpointException changed(Path file) {
    return new MalformedCheckpointException(
        file.getFileName() + ": changed its size while it was opened");
  }
}
