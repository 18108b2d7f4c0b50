package dev.lanewise.bench.peers.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.bench.checkpoint.GptShape;
import dev.lanewise.bench.checkpoint.RandomCheckpoint;
import dev.lanewise.bench.contest.Contestant;
import dev.lanewise.bench.contest.Lanewise;
import dev.lanewise.bench.model.ModelFolders;
import dev.lanewise.bench.peers.onnx.OnnxExport.Form;
import dev.lanewise.bench.peers.rival.Ort;
import dev.lanewise.loader.ModelConfig.Architecture;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each graph, as ONNX Runtime computes it, against the checkpoint it was written from. */
class OnnxExportTest {

  private static final GptShape GPT2 =
      new GptShape("small2", Architecture.GPT2, 50_257, 64, 64, 3, 4);
  private static final GptShape GPT1 =
      new GptShape("small1", Architecture.OPENAI_GPT, 40_478, 64, 64, 3, 4);

  @TempDir Path work;

  @Test
  void classifiersGiveOurLogits() throws IOException {
    for (GptShape shape : new GptShape[] {GPT2, GPT1}) {
      Path folder = RandomCheckpoint.classifier(work, shape);
      for (Form form : Form.values()) {
        Path file = OnnxExport.classifier(folder, shape, form);
        float tolerance = form.weights().equals("F32") ? 1e-5f : 0.1f;
        try (Contestant.Classifier ours =
                (Contestant.Classifier) new Lanewise.Classify().open(folder, 1);
            Contestant.Classifier theirs =
                (Contestant.Classifier) new Ort.Classify().open(file, 1)) {
          for (int tokens : new int[] {1, 2, 17}) {
            int[] ids = ModelFolders.ids(tokens, tokens, shape.vocabSize());
            float[] expected = ours.logits(ids);
            float[] found = theirs.logits(ids);
            assertThat(found).as("%s %s", shape.label(), form).hasSize(expected.length);
            for (int i = 0; i < found.length; i++) {
              assertThat(found[i])
                  .as("%s %s, %d tokens", shape.label(), form, tokens)
                  .isCloseTo(expected[i], within(tolerance));
            }
          }
          assertThat(theirs.version()).matches("ONNX Runtime [0-9.]+");
        }
      }
    }
  }

  @Test
  void theLanguageModelWithACacheGoesOnAsOurs() throws IOException {
    Path folder = RandomCheckpoint.languageModel(work, GPT2);
    Path file = OnnxExport.languageModel(folder, GPT2, Form.FUSED);
    int[] ids = ModelFolders.ids(1, 9, GPT2.vocabSize());
    try (Contestant.Generator ours =
            (Contestant.Generator) new Lanewise.Generate().open(folder, 1);
        Contestant.Generator theirs = (Contestant.Generator) new Ort.Generate().open(file, 1)) {
      var expected = ours.generate("", ids, 20);
      var found = theirs.generate("", ids, 20);
      assertThat(found.ids()).isEqualTo(expected.ids()).hasSize(20);
      assertThat(found.promptTokens()).isEqualTo(9);
    }
  }

  @Test
  void aPlainGraphHasNoCache() throws IOException {
    Path folder = RandomCheckpoint.languageModel(work, GPT2);
    assertThatThrownBy(() -> OnnxExport.languageModel(folder, GPT2, Form.PLAIN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("only the fused graphs have a cache, not PLAIN");
  }
}
