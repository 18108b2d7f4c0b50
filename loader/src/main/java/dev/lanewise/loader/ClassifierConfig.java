package dev.lanewise.loader;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a classifier's inputs are put together and pooled, of which the reference's configuration
 * says nothing: the object {@code lanewise} of {@code config.json}, with these members, all of them
 * optional.
 *
 * @param pooling {@code pooling}: last (default), mean or last+mean
 * @param task {@code task}: classification, entailment, similarity or multiple-choice
 * @param startToken {@code start_token}: text of the token before an input
 * @param delimiterToken {@code delimiter_token}: of the token between two texts
 * @param extractToken {@code extract_token}: of the token after an input
 */
public record ClassifierConfig(
    Pooling pooling,
    @Nullable String task,
    @Nullable String startToken,
    @Nullable String delimiterToken,
    @Nullable String extractToken) {

  /** The key of the object. */
  public static final String KEY = "lanewise";

  private static final Set<String> MEMBERS =
      Set.of("pooling", "task", "start_token", "delimiter_token", "extract_token");

  /**
   * Reads the object, or gives the defaults where there is none.
   *
   * @throws MalformedCheckpointException if a member has a wrong type
   * @throws UnsupportedCheckpointException if a member or its value is not known
   */
  public static ClassifierConfig of(ModelConfig config)
      throws MalformedCheckpointException, UnsupportedCheckpointException {
    JsonValue value = config.json().find(KEY).orElse(null);
    if (value == null) {
      return new ClassifierConfig(Pooling.LAST, null, null, null, null);
    }
    JsonObject said = value.asObject();
    for (Map.Entry<String, JsonValue> member : said.members().entrySet()) {
      if (!MEMBERS.contains(member.getKey())) {
        throw new UnsupportedCheckpointException(
            "%s: '%s' is not known; this version knows pooling, task, start_token, delimiter_token and extract_token"
                .formatted(said.source(), member.getValue().path()));
      }
    }
    String pooling = said.string("pooling", Pooling.LAST.label());
    return new ClassifierConfig(
        Pooling.of(pooling)
            .orElseThrow(
                () ->
                    new UnsupportedCheckpointException(
                        "%s: '%s.pooling' is %s; supported: %s"
                            .formatted(said.source(), KEY, Quoted.of(pooling), Pooling.labels()))),
        optional(said, "task"),
        optional(said, "start_token"),
        optional(said, "delimiter_token"),
        optional(said, "extract_token"));
  }

  private static @Nullable String optional(JsonObject said, String name)
      throws MalformedCheckpointException {
    return said.find(name).isPresent() ? said.string(name, "") : null;
  }
}
