package dev.lanewise.cli;

import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonArray;
import dev.lanewise.loader.JsonObject;
import dev.lanewise.loader.JsonValue;
import dev.lanewise.loader.MalformedCheckpointException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads one line of {@code --jsonl}: a string, or an object with {@code text} (and perhaps {@code
 * context}, {@code pair} or {@code choices}) or {@code ids}. Other fields are the caller's own and
 * are left alone, except those that would change the result if they were obeyed.
 */
final class JsonInput {

  private JsonInput() {}

  /**
   * Parses a line.
   *
   * @param where for messages
   * @param takesPairs whether {@code pair} and {@code choices} are understood
   * @throws MalformedCheckpointException if it is not JSON, or other JSON
   */
  static Input parse(String where, String line, boolean takesPairs) throws IOException {
    JsonValue value = Json.parse(line, where);
    if (value.isString()) {
      return Input.ofText(where, value.asString(), null);
    }
    if (!value.isObject()) {
      throw value.expected("a string, or an object with 'text' or 'ids'");
    }
    JsonObject object = value.asObject();
    Optional<JsonValue> pair = object.find("pair");
    Optional<JsonValue> choices = object.find("choices");
    for (String name : List.of("pair", "choices")) {
      if (!takesPairs && object.has(name)) {
        throw new InputException(where, "field '" + name + "' is not supported");
      }
    }
    if (pair.isPresent() && choices.isPresent()) {
      throw new InputException(where, "expected one of the fields 'pair' and 'choices'");
    }
    Optional<JsonValue> text = object.find("text");
    Optional<JsonValue> ids = object.find("ids");
    Optional<JsonValue> context = object.find("context");
    if (text.isPresent() == ids.isPresent()) {
      throw new InputException(where, "expected one of the fields 'text' and 'ids'");
    }
    if (ids.isPresent()) {
      for (String name : List.of("context", "pair", "choices")) {
        if (object.has(name)) {
          throw new InputException(where, "field '" + name + "' needs 'text', not 'ids'");
        }
      }
      return Input.ofIds(where, ids(ids.get().asArray()));
    }
    String first = text.orElseThrow().asString();
    if (pair.isPresent()) {
      return Input.ofPair(where, first, pair.get().asString());
    }
    if (choices.isPresent()) {
      return Input.ofChoices(where, first, strings(choices.get().asArray()));
    }
    return Input.ofText(where, first, context.isPresent() ? context.get().asString() : null);
  }

  private static List<String> strings(JsonArray array) throws MalformedCheckpointException {
    List<String> strings = new ArrayList<>();
    for (JsonValue value : array.elements()) {
      strings.add(value.asString());
    }
    return strings;
  }

  private static int[] ids(JsonArray array) throws MalformedCheckpointException {
    int[] ids = new int[array.size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = array.get(i).asInt();
    }
    return ids;
  }
}
