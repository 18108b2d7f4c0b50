package dev.lanewise.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ConsoleTest {

  private static OutputStream failing(String message) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        throw new IOException(message);
      }
    };
  }

  private static Console console(OutputStream out, OutputStream err) {
    return new Console(InputStream.nullInputStream(), out, err);
  }

  @Test
  void spellsControlCharactersOfOthers() {
    assertThat(Console.printable("a\u001b[31m\n\u202eb\u0085é👋\ud800"))
        .isEqualTo("a\\u001b[31m\\u000a\\u202eb\\u0085é👋\\ud800");
  }

  @Test
  void tellsAClosedPipeFromAFullDisk() {
    Console closed = console(failing("Broken pipe"), OutputStream.nullOutputStream());
    assertThatThrownBy(() -> closed.println("a")).isInstanceOf(OutputClosedException.class);
    Console full = console(failing("No space left on device"), OutputStream.nullOutputStream());
    assertThatThrownBy(() -> full.println("a"))
        .isNotInstanceOf(OutputClosedException.class)
        .hasMessage("cannot write to stdout: No space left on device");
  }

  @Test
  void endsQuietlyWhenNobodyReads() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console closed = console(failing("Broken pipe"), err);
    int exit = new Cli(closed, (args, computes) -> OptionalInt.empty()).run(List.of("--version"));
    assertThat(exit).isZero();
    assertThat(err.size()).isZero();
  }

  @Test
  void failsInOneLineWhenTheDiskIsFull() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console full = console(failing("No space left on device"), err);
    int exit = new Cli(full, (args, computes) -> OptionalInt.empty()).run(List.of("--version"));
    assertThat(exit).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo("lanewise: cannot write to stdout: No space left on device\n");
  }

  @Test
  void coloursOnATerminalOnly() {
    InputStream in = InputStream.nullInputStream();
    OutputStream sink = OutputStream.nullOutputStream();
    assertThat(new Console(in, sink, sink, true, true, true).bold("a"))
        .isEqualTo("\u001b[1ma\u001b[0m");
    assertThat(new Console(in, sink, sink, false, true, true).bold("a")).isEqualTo("a");
    assertThat(new Console(in, sink, sink, true, true, false).bold("a")).isEqualTo("a");
  }

  @Test
  void showsNoStatusWhereThereIsNoTerminal() throws IOException {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console = console(OutputStream.nullOutputStream(), err);
    assertThat(StatusLine.during(console, false, "loading", () -> "done")).isEqualTo("done");
    assertThat(err.size()).isZero();
  }

  @Test
  void showsAndErasesTheStatusOfSlowWork() throws IOException {
    CountDownLatch shown = new CountDownLatch(1);
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    OutputStream err =
        new OutputStream() {
          @Override
          public void write(int b) {
            written.write(b);
            shown.countDown();
          }
        };
    Console console =
        new Console(
            InputStream.nullInputStream(),
            OutputStream.nullOutputStream(),
            err,
            false,
            true,
            false);
    StatusLine.during(
        console,
        false,
        "loading a\nb",
        () -> {
          try {
            return shown.await(60, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    assertThat(written.toString(StandardCharsets.UTF_8))
        .startsWith("\rloading a\\u000ab ")
        .endsWith("\r\u001b[K")
        .doesNotContain("\n");
  }
}
