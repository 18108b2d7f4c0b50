package dev.lanewise.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.bench.contest.ContestantProcess.Entry;
import dev.lanewise.bench.peers.Heat.Contender;
import dev.lanewise.bench.peers.PeerOptions.UsageException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class PeerOptionsTest {

  @Test
  void withoutArgumentsEverythingInFloat32IsCompared() throws UsageException {
    PeerOptions options = PeerOptions.parse();
    assertThat(options.only()).containsExactlyElementsOf(PeerOptions.CONTESTS);
    assertThat(options.weights()).containsExactly("F32");
    assertThat(options.threads()).containsExactly(1, 2);
    assertThat(options.tokens()).containsExactly(32, 128, 512);
    assertThat(options.quick()).isFalse();
    assertThat(options.out()).isEqualTo(Path.of("target/peers"));
  }

  @Test
  void readsItsOptions() throws UsageException {
    PeerOptions options =
        PeerOptions.parse(
            "--only",
            "classify-gpt1,classify-gpt2",
            "--weights",
            "F32,int8",
            "--threads",
            "4",
            "--tokens",
            "16,512",
            "--quick",
            "--out",
            "here");
    assertThat(options.only()).containsExactly("classify-gpt1", "classify-gpt2");
    assertThat(options.weights()).containsExactlyInAnyOrder("F32", "int8");
    assertThat(options.threads()).containsExactly(4);
    assertThat(options.tokens()).containsExactly(16, 512);
    assertThat(options.quick()).isTrue();
    assertThat(options.rounds()).isLessThan(PeerOptions.parse().rounds());
    assertThat(options.out()).isEqualTo(Path.of("here"));
  }

  @Test
  void leavesOutRivalsThatWereNotNamedButNeverOurselves() throws UsageException {
    Contender ours = Contender.ours("F32", Entry.here("Lanewise", Object.class, Path.of("m")));
    Contender ort = Contender.rival("F32", Entry.here("ONNX Runtime", Object.class, Path.of("m")));
    Contender jlama = Contender.rival("F32", Entry.here("Jlama", Object.class, Path.of("m")));
    List<Contender> all = List.of(ours, ort, jlama);
    assertThat(PeerOptions.parse().chosen(all)).isEqualTo(all);
    assertThat(PeerOptions.parse("--rivals", "Jl,llama").chosen(all)).containsExactly(ours, jlama);
  }

  @Test
  void saysWhatIsWrong() {
    assertRefused("unknown option '--fast'", "--fast");
    assertRefused("--only needs a value", "--only");
    assertRefused(
        "--only: 'chess' is not one of " + String.join(", ", PeerOptions.CONTESTS),
        "--only",
        "chess");
    assertRefused("--weights: '' is not one of F32, F16, int8, Q8_0, Q4_0", "--weights", "F32,");
    assertRefused("--rivals: ' ' is not the beginning of a name", "--rivals", " ");
    assertRefused("--threads: '0' is not a number from 1 to 256", "--threads", "1,0");
    assertRefused("--tokens: '513' is not a number from 1 to 512", "--tokens", "513");
    assertRefused("--tokens: '12345678901' is not a number", "--tokens", "12345678901");
  }

  private static void assertRefused(String message, String... args) {
    assertThatThrownBy(() -> PeerOptions.parse(args))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith(message);
  }
}
