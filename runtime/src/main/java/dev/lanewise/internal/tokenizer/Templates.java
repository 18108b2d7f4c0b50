package dev.lanewise.internal.tokenizer;

import dev.lanewise.loader.JsonArray;
import dev.lanewise.loader.JsonObject;
import dev.lanewise.loader.JsonValue;
import dev.lanewise.loader.Quoted;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The templates of a {@code tokenizer.json}'s post-processor. */
final class Templates {

  private Templates() {}

  /** Sets the factory's templates as the document says. */
  static void read(JsonObject root, BpeFactory factory) throws IOException {
    JsonValue processor = root.find("post_processor").orElse(null);
    JsonObject template = processor == null ? null : template(processor.asObject());
    if (template != null) {
      factory.single = items(template, "single", factory);
      factory.pair = items(template, "pair", factory);
    }
  }

  /** The one TemplateProcessing of a processor, or null. */
  private static @Nullable JsonObject template(JsonObject stage) throws IOException {
    String type = stage.required("type").asString();
    return switch (type) {
      case "TemplateProcessing" -> stage;
      // Moves offsets only, and nobody asks for offsets here.
      case "ByteLevel" -> null;
      case "Sequence" -> onlyTemplate(TokenizerJson.list(stage, "processors"));
      default ->
          throw TokenizerJson.unsupported(
              stage,
              "a post-processor of type " + Quoted.of(type),
              "TemplateProcessing, ByteLevel, or a Sequence of them");
    };
  }

  private static @Nullable JsonObject onlyTemplate(List<JsonValue> parts) throws IOException {
    JsonObject found = null;
    for (JsonValue part : parts) {
      JsonObject next = template(part.asObject());
      if (next != null && found != null) {
        throw TokenizerJson.unsupported(next, "a second template", "one");
      }
      found = next == null ? found : next;
    }
    return found;
  }

  private static Template items(JsonObject template, String name, BpeFactory factory)
      throws IOException {
    List<Integer> items = new ArrayList<>();
    JsonArray pieces = template.required(name).asArray();
    for (JsonValue piece : pieces.elements()) {
      JsonObject object = piece.asObject();
      JsonValue sequence = object.find("Sequence").orElse(null);
      if (sequence != null) {
        String id = sequence.asObject().required("id").asString();
        if (!id.equals("A") && !(id.equals("B") && name.equals("pair"))) {
          throw sequence.expected("a sequence with id " + (name.equals("pair") ? "A or B" : "A"));
        }
        items.add(id.equals("A") ? Template.FIRST : Template.SECOND);
      } else {
        addSpecial(template, object.required("SpecialToken").asObject(), factory, items);
      }
    }
    return new Template(items.stream().mapToInt(Integer::intValue).toArray());
  }

  private static void addSpecial(
      JsonObject template, JsonObject item, BpeFactory factory, List<Integer> items)
      throws IOException {
    String name = item.required("id").asString();
    JsonObject specials = template.required("special_tokens").asObject();
    JsonObject special = specials.required(name).asObject();
    for (JsonValue id : special.required("ids").asArray().elements()) {
      int value = id.asInt();
      if (value < 0 || value >= factory.size()) {
        throw id.expected("an id below " + factory.size());
      }
      items.add(value);
    }
  }
}
