package dev.lanewise.bench.peers.rival;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.Tokenizer;
import dev.lanewise.bench.checkpoint.GptShape;
import dev.lanewise.bench.checkpoint.RandomCheckpoint;
import dev.lanewise.bench.contest.Contestant;
import dev.lanewise.bench.contest.Contestant.Continuation;
import dev.lanewise.bench.contest.Lanewise;
import dev.lanewise.bench.peers.gguf.GgufExport;
import dev.lanewise.bench.peers.gguf.GgufType;
import dev.lanewise.loader.ModelConfig.Architecture;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The GGUF file, as llama.cpp computes it, against the checkpoint it was written from. */
class LlamaCppTest {

  private static final GptShape SHAPE =
      new GptShape("small2", Architecture.GPT2, 50_257, 128, 64, 3, 2);

  @TempDir Path work;

  @Test
  void goesOnAsOurs() throws IOException {
    Path folder = RandomCheckpoint.languageModel(work, SHAPE);
    String prompt = "The quick brown fox, jumps over 12 lazy dogs.";
    int[] ids = Tokenizer.open(folder).encode(prompt, Tokenizer.Specials.TEXT, false);
    Continuation expected;
    try (Contestant.Generator ours =
        (Contestant.Generator) new Lanewise.Generate().open(folder, 1)) {
      expected = ours.generate(prompt, ids, 16);
    }
    Path file = GgufExport.languageModel(folder, SHAPE, GgufType.F32);
    try (Contestant.Generator theirs =
        (Contestant.Generator) new LlamaCpp.Generate().open(file, 1)) {
      Continuation found = theirs.generate(prompt, ids, 16);
      assertThat(found.text()).isEqualTo(expected.text());
      assertThat(found.promptTokens()).isEqualTo(ids.length);
      assertThat(theirs.version()).matches("llama.cpp, de.kherud:llama [0-9.]+");
    }
  }
}
