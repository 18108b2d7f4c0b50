package dev.lanewise.cli;

import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonArray;
import dev.lanewise.loader.JsonObject;
import dev.lanewise.loader.JsonValue;
import dev.lanewise.loader.MalformedCheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What another implementation answered: a file of reference logits, as docs/verify.md has it. */
final class ReferenceCases {

  /** The lists that may hold cases. */
  private static final List<String> LISTS = List.of("cases", "single", "examples");

  /** Files that say "the same as that one" in a row. */
  private static final int MAX_HOPS = 8;

  /** What a case's numbers are. */
  enum Kind {
    /** A classification head's outputs: {@code (labels)}. */
    LABEL_LOGITS,
    /** Output matrix rows of the last tokens: {@code (rows, vocab)}. */
    TOKEN_LOGITS,
    /** Log-probability of each id but the first: {@code (tokens - 1)}. */
    TOKEN_LOG_PROBS
  }

  /** One of them. */
  static final class Case {

    private final String name;
    private final Kind kind;
    private final int[] ids;
    private final int rows;
    private final float[] values;

    private Case(String name, Kind kind, int[] ids, int rows, float[] values) {
      this.name = name;
      this.kind = kind;
      this.ids = ids;
      this.rows = rows;
      this.values = values;
    }

    /** "cases[3]". */
    String name() {
      return name;
    }

    Kind kind() {
      return kind;
    }

    int[] ids() {
      return ids.clone();
    }

    int rows() {
      return rows;
    }

    /** Numbers of a row. */
    int columns() {
      return values.length / rows;
    }

    float value(int row, int column) {
      return values[row * columns() + column];
    }
  }

  private ReferenceCases() {}

  /**
   * Reads a file.
   *
   * @throws MalformedCheckpointException if it is not of this form or has no cases
   */
  static List<Case> read(Path file) throws IOException {
    JsonObject document = document(file);
    List<Case> cases = new ArrayList<>();
    for (String list : LISTS) {
      Optional<JsonValue> found = document.find(list);
      if (found.isPresent()) {
        for (JsonValue value : found.get().asArray()) {
          cases.add(parse(value.asObject()));
        }
      }
    }
    if (cases.isEmpty()) {
      throw document.invalid(
          "has no cases, expected a list 'cases', 'single' or 'examples' of objects with"
              + " 'input_ids' and 'logits'");
    }
    return cases;
  }

  private static JsonObject document(Path file) throws IOException {
    Path at = file;
    for (int hop = 0; hop < MAX_HOPS; hop++) {
      JsonObject document = Json.read(at).asObject();
      Optional<JsonValue> other = document.find("same_as");
      if (other.isEmpty()) {
        return document;
      }
      at = at.resolveSibling(other.get().asString()).normalize();
      if (!Files.isRegularFile(at)) {
        throw other.get().invalid("names a file that is not there: " + at);
      }
    }
    throw new MalformedCheckpointException(
        file + ": more than " + MAX_HOPS + " files in a row say 'same_as'");
  }

  private static Case parse(JsonObject object) throws MalformedCheckpointException {
    int[] ids = ids(object.required("input_ids"));
    Optional<JsonValue> logits = object.find("logits");
    if (logits.isPresent()) {
      return ofLogits(object, ids, logits.get().asObject());
    }
    Optional<JsonValue> logProbs = object.find("token_logprobs");
    if (logProbs.isEmpty()) {
      throw object.invalid("has neither 'logits' nor 'token_logprobs'");
    }
    int[] after = object.has("greedy_ids") ? ids(object.required("greedy_ids")) : new int[0];
    int[] all = Arrays.copyOf(ids, ids.length + after.length);
    System.arraycopy(after, 0, all, ids.length, after.length);
    JsonValue data =
        logProbs.get().isObject() ? logProbs.get().asObject().required("data") : logProbs.get();
    float[] values = floats(data.asArray());
    if (values.length == 0 || values.length != all.length - 1) {
      throw logProbs
          .get()
          .invalid(
              "has %d numbers, expected one for each of %d ids but the first"
                  .formatted(values.length, all.length));
    }
    return new Case(object.path(), Kind.TOKEN_LOG_PROBS, all, 1, values);
  }

  private static Case ofLogits(JsonObject object, int[] ids, JsonObject tensor)
      throws MalformedCheckpointException {
    JsonArray shape = tensor.required("shape").asArray();
    float[] values = floats(tensor.required("data").asArray());
    if (shape.size() != 1 && shape.size() != 2) {
      throw shape.invalid("has %d dimensions, expected 1 or 2".formatted(shape.size()));
    }
    long rows = shape.size() == 1 ? 1 : shape.get(0).asInt();
    long columns = shape.get(shape.size() - 1).asInt();
    if (rows < 1 || columns < 1 || rows * columns != values.length) {
      throw shape.invalid("does not fit the %d numbers of 'data'".formatted(values.length));
    }
    if (shape.size() == 2 && rows > ids.length) {
      throw shape.invalid("has %d rows, but there are %d ids".formatted(rows, ids.length));
    }
    return new Case(
        object.path(),
        shape.size() == 1 ? Kind.LABEL_LOGITS : Kind.TOKEN_LOGITS,
        ids,
        (int) rows,
        values);
  }

  private static int[] ids(JsonValue value) throws MalformedCheckpointException {
    JsonArray array = value.asArray();
    int[] ids = new int[array.size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = array.get(i).asInt();
    }
    return ids;
  }

  private static float[] floats(JsonArray array) throws MalformedCheckpointException {
    float[] floats = new float[array.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) array.get(i).asDouble();
    }
    return floats;
  }
}
