package dev.lanewise.bench.peers.rival;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.bench.checkpoint.GptShape;
import dev.lanewise.bench.checkpoint.RandomCheckpoint;
import dev.lanewise.bench.contest.Contestant;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncodersTest {

  private static final String TEXT = "Hello world, it's   1234 naïve 👩‍👩‍👧\n\n";

  @Test
  void rivalsGiveTheIdsOfGpt2(@TempDir Path work) throws IOException {
    Path folder = RandomCheckpoint.tokenizer(work, GptShape.TINY);
    try (Contestant.Encoder djl = (Contestant.Encoder) new Djl.Encode().open(folder, 1);
        Contestant.Encoder jtokkit = (Contestant.Encoder) new Jtokkit.Encode().open(folder, 1)) {
      assertThat(djl.encode("Hello world")).containsExactly(15496, 995);
      assertThat(djl.encode(TEXT)).isEqualTo(jtokkit.encode(TEXT));
      String many = "word ".repeat(2000);
      assertThat(djl.encode(many)).isEqualTo(jtokkit.encode(many)); // not cut
      assertThat(jtokkit.version()).matches("JTokkit [0-9.]+");
    }
  }
}
