package dev.lanewise.bench.peers.rival;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import dev.lanewise.bench.contest.Contestant;
import java.nio.file.Path;

/** JTokkit, pure Java, which has the vocabulary of GPT-2 built in. */
public final class Jtokkit {

  private Jtokkit() {}

  /** Opens GPT-2's vocabulary, whatever the folder. */
  public static final class Encode implements Contestant.Opener {

    /** Called by name. */
    public Encode() {}

    @Override
    public Contestant open(Path model, int threads) {
      return new Encoder(Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE));
    }
  }

  private record Encoder(Encoding encoding) implements Contestant.Encoder {

    @Override
    public int[] encode(String text) {
      return encoding.encodeOrdinary(text).toArray();
    }

    @Override
    public String version() {
      return "JTokkit " + Version.of(Encodings.class);
    }

    @Override
    public void close() {}
  }
}
