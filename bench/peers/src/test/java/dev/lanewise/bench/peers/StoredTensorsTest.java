package dev.lanewise.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.bench.checkpoint.GptShape;
import dev.lanewise.bench.checkpoint.RandomCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredTensorsTest {

  @Test
  void readsWhatTheCheckpointHolds(@TempDir Path work) throws IOException {
    Path folder = RandomCheckpoint.classifier(work, GptShape.TINY);
    try (StoredTensors tensors = new StoredTensors(folder)) {
      GptShape.Tensor score =
          new GptShape.Tensor("score.weight", List.of(GptShape.LABELS, GptShape.TINY.embd()));
      float[] expected = RandomCheckpoint.values(score);
      assertThat(tensors.values("score.weight")).isEqualTo(expected);
      float[] transposed = tensors.transposed("score.weight", GptShape.LABELS);
      assertThat(transposed[1]).isEqualTo(expected[GptShape.TINY.embd()]);
      assertThatThrownBy(() -> tensors.values("absent"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("no tensor absent in ");
    }
  }

  @Test
  void transposes() {
    assertThat(StoredTensors.transpose(new float[] {1, 2, 3, 4, 5, 6}, 2))
        .containsExactly(1, 4, 2, 5, 3, 6);
  }
}
