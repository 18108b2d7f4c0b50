package dev.lanewise.bench.peers.rival;

import com.github.tjake.jlama.model.AbstractModel;
import com.github.tjake.jlama.model.ModelSupport;
import com.github.tjake.jlama.model.functions.Generator.Response;
import com.github.tjake.jlama.safetensors.DType;
import com.github.tjake.jlama.safetensors.prompt.PromptContext;
import com.github.tjake.jlama.tensor.operations.TensorOperationsProvider;
import com.github.tjake.jlama.util.PhysicalCoreExecutor;
import dev.lanewise.bench.contest.Contestant;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/** Jlama, pure Java like this project. */
public final class Jlama {

  private Jlama() {}

  /** Flags of its JVM. */
  public static String[] flags() {
    return new String[] {
      "--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"
    };
  }

  /** Opens a model folder. */
  public static final class Generate implements Contestant.Opener {

    /** Called by name. */
    public Generate() {}

    @Override
    public Contestant open(Path model, int threads) {
      PhysicalCoreExecutor.overrideThreadCount(threads);
      return new Generator(ModelSupport.loadModel(model.toFile(), DType.F32, DType.F32));
    }
  }

  private record Generator(AbstractModel model) implements Contestant.Generator {

    @Override
    public Contestant.Continuation generate(String prompt, int[] ids, int newTokens) {
      long[] first = new long[1];
      long start = System.nanoTime();
      Response response =
          model.generate(
              UUID.randomUUID(),
              PromptContext.of(prompt),
              0,
              ids.length + newTokens + 1, // it counts one more
              (piece, seconds) -> {
                if (first[0] == 0) {
                  first[0] = System.nanoTime();
                }
              });
      long end = System.nanoTime();
      return new Contestant.Continuation(
          response.responseText,
          List.of(),
          response.promptTokens,
          response.generatedTokens,
          first[0] - start,
          end - first[0]);
    }

    @Override
    public String version() {
      return "Jlama %s, %s"
          .formatted(Version.of(AbstractModel.class), TensorOperationsProvider.get().name());
    }

    @Override
    public void close() {
      model.close();
    }
  }
}
