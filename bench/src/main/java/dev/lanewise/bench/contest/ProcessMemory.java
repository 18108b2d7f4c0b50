package dev.lanewise.bench.contest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Memory of this process as the system counts it; mapped files that were touched are part of it.
 *
 * @param resident now, bytes; 0 where the system doesn't tell
 * @param peak the most so far, bytes
 * @param anonymous the part of {@code resident} that no file backs, bytes
 */
public record ProcessMemory(long resident, long peak, long anonymous) {

  private static final Path STATUS = Path.of("/proc/self/status");

  /** This process, now. */
  public static ProcessMemory current() {
    long resident = 0;
    long peak = 0;
    long anonymous = 0;
    try {
      if (Files.exists(STATUS)) {
        for (String line : Files.readAllLines(STATUS)) {
          if (line.startsWith("VmRSS:")) {
            resident = kilobytes(line);
          } else if (line.startsWith("VmHWM:")) {
            peak = kilobytes(line);
          } else if (line.startsWith("RssAnon:")) {
            anonymous = kilobytes(line);
          }
        }
      }
    } catch (IOException e) {
      return new ProcessMemory(0, 0, 0);
    }
    return new ProcessMemory(resident, peak, anonymous);
  }

  private static long kilobytes(String line) {
    return Long.parseLong(line.replaceAll("\\D", "")) << 10;
  }
}
