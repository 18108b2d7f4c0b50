package dev.lanewise.bench.peers.rival;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.lanewise.bench.contest.Contestant;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** The tokenizers of Hugging Face, in DJL's Java binding. */
public final class Djl {

  private Djl() {}

  /** Opens a folder's {@code tokenizer.json}. */
  public static final class Encode implements Contestant.Opener {

    /** Called by name. */
    public Encode() {}

    @Override
    public Contestant open(Path model, int threads) throws IOException {
      return new Encoder(
          HuggingFaceTokenizer.builder()
              .optTokenizerPath(model.resolve("tokenizer.json"))
              .optTruncation(false) // it cuts after 512 tokens by itself
              .optPadding(false)
              .optAddSpecialTokens(false)
              .build());
    }
  }

  private record Encoder(HuggingFaceTokenizer tokenizer) implements Contestant.Encoder {

    @Override
    public int[] encode(String text) {
      return Arrays.stream(tokenizer.encode(text, false, false).getIds())
          .mapToInt(Math::toIntExact)
          .toArray();
    }

    @Override
    public String version() {
      return "DJL tokenizers " + tokenizer.getVersion();
    }

    @Override
    public void close() {
      tokenizer.close();
    }
  }
}
