package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.Classification;
import dev.lanewise.Generation;
import dev.lanewise.GenerationOptions;
import dev.lanewise.ModelOptions;
import dev.lanewise.TextClassifier;
import dev.lanewise.TextGenerator;
import dev.lanewise.WeightStorage;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.Workers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

@SuppressWarnings("MustBeClosedChecker") // that the store closes them is what is tested
class WeightStoreTest {

  private static final Path CLASSIFIER = Path.of("..", "models", "intents-gpt1");
  private static final Path LANGUAGE_MODEL = Path.of("..", "models", "tiny-gpt1-lm");

  private static WeightStore<String> store(Arena arena, boolean packs) {
    return new WeightStore<>(
        "mapped", arena, packs, (mapped, target, workers, closed) -> mapped + " and packed");
  }

  @Test
  void letsTheMappingGoWithItsLastReader() {
    Arena arena = Arena.ofShared();
    WeightStore<String> store = store(arena, true);
    WeightStore.Lot<String> reader = store.enter(Kernels.scalar(), Workers.sequential());
    assertThat(reader.weights()).isEqualTo("mapped");
    store.pack(Workers.sequential());
    assertThat(arena.scope().isAlive()).isTrue();
    reader.exit();
    assertThat(arena.scope().isAlive()).isFalse();
    WeightStore.Lot<String> next = store.enter(Kernels.scalar(), Workers.sequential());
    assertThat(next.weights()).isEqualTo("mapped and packed");
    next.exit();
    store.close();
  }

  @Test
  void copiesForVectorKernelsAloneAndOnlyIfAsked() {
    for (Kernels kernels : new Kernels[] {Kernels.scalar(), Kernels.get()}) {
      for (boolean packs : new boolean[] {false, true}) {
        Arena arena = Arena.ofShared();
        try (WeightStore<String> store = store(arena, packs)) {
          WeightStore.Lot<String> lot = store.enter(kernels, Workers.sequential());
          boolean packed = packs && kernels.vectorBits() > 0;
          assertThat(lot.weights()).isEqualTo(packed ? "mapped and packed" : "mapped");
          assertThat(arena.scope().isAlive()).isEqualTo(!packed);
          lot.exit();
        }
        assertThat(arena.scope().isAlive()).isFalse();
      }
    }
  }

  @Test
  void keepsTheMappingWhenCopyingFails() {
    Arena arena = Arena.ofShared();
    List<Arena> targets = new ArrayList<>();
    WeightStore<String> store =
        new WeightStore<>(
            "mapped",
            arena,
            true,
            (mapped, target, workers, closed) -> {
              targets.add(target);
              throw new IllegalStateException("no memory");
            });
    assertThatThrownBy(() -> store.pack(Workers.sequential())).hasMessage("no memory");
    assertThat(targets).singleElement().matches(target -> !target.scope().isAlive());
    assertThat(arena.scope().isAlive()).isTrue();
    store.close();
    assertThat(arena.scope().isAlive()).isFalse();
  }

  @Test
  void packsNothingOnceClosed() {
    Arena arena = Arena.ofShared();
    WeightStore<String> store = store(arena, true);
    store.close();
    store.pack(Workers.sequential());
    assertThat(arena.scope().isAlive()).isFalse();
  }

  @Test
  void givesTheSameBitsWhereverTheWeightsLie() throws IOException {
    int[] ids = {5, 17, 200, 31, 8, 9, 300, 44, 2, 70, 71};
    List<List<Float>> logits = new ArrayList<>();
    List<Generation> texts = new ArrayList<>();
    for (WeightStorage storage : WeightStorage.values()) {
      for (Kernels kernels : new Kernels[] {Kernels.get(), Kernels.scalar()}) {
        ModelOptions options = ModelOptions.defaults().withStorage(storage).withKernels(kernels);
        try (TextClassifier classifier = TextClassifier.open(CLASSIFIER, options);
            TextGenerator generator = TextGenerator.open(LANGUAGE_MODEL, options)) {
          Classification c = classifier.classify(ids);
          logits.add(c.scores().stream().map(s -> s.logit()).toList());
          texts.add(
              generator.generate(
                  "Once upon a time", GenerationOptions.greedy().withMaxTokens(12), t -> true));
        }
      }
    }
    assertThat(logits).allSatisfy(l -> assertThat(l).isEqualTo(logits.getFirst()));
    assertThat(texts).allSatisfy(t -> assertThat(t.tokens()).isEqualTo(texts.getFirst().tokens()));
  }
}
