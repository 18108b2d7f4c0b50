package dev.lanewise.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Results in a file, a whole line at a time: a process that is interrupted ends after a line, and a
 * line that could not be written in full is taken back.
 */
final class BatchOutput implements AutoCloseable {

  private final FileChannel channel;
  private final long lines;
  private final Thread hook = new Thread(this::stop, "lanewise-end-output");
  private boolean stopped;

  private BatchOutput(FileChannel channel, long lines) {
    this.channel = channel;
    this.lines = lines;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Opens a file that must not exist, or, to resume, goes on behind its last whole line.
   *
   * @throws FileAlreadyExistsException if it exists and is not to be resumed
   */
  static BatchOutput open(Path file, boolean resume) throws IOException {
    if (!resume) {
      if (Files.exists(file)) {
        throw new FileAlreadyExistsException(
            file.toString(), null, "there is something already; --resume goes on with it");
      }
      return new BatchOutput(
          FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), 0);
    }
    long lines = 0;
    long end = 0;
    if (Files.exists(file)) {
      byte[] buffer = new byte[1 << 16];
      try (InputStream in = Files.newInputStream(file)) {
        long at = 0;
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          for (int i = 0; i < n; i++) {
            if (buffer[i] == '\n') {
              lines++;
              end = at + i + 1;
            }
          }
          at += n;
        }
      }
    }
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    channel.truncate(end).position(end);
    return new BatchOutput(channel, lines);
  }

  /** Whole lines that were there before. */
  long lines() {
    return lines;
  }

  /** Writes a line, its end included. */
  synchronized void write(String line) throws IOException {
    if (stopped) {
      return; // the process is ending
    }
    long start = channel.position();
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      channel.truncate(start);
      throw e;
    }
  }

  /** Lets the line under way be written, and no other. */
  private synchronized void stop() {
    stopped = true;
  }

  @Override
  public void close() throws IOException {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending: the hook runs, and this file with it.
      return;
    } finally {
      channel.close();
    }
  }
}
