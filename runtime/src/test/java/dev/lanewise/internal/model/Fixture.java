package dev.lanewise.internal.model;

import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonArray;
import dev.lanewise.loader.JsonObject;
import dev.lanewise.loader.JsonValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A tiny checkpoint and what the reference library answers for it. */
public final class Fixture {

  private final Path folder;
  private final JsonObject expected;

  private Fixture(Path folder, JsonObject expected) {
    this.folder = folder;
    this.expected = expected;
  }

  /** A folder below src/test/resources/models. */
  public static Fixture named(String name) throws IOException {
    return in(Path.of("src/test/resources/models").resolve(name));
  }

  /** A model that ships. */
  public static Fixture shipped(String name) throws IOException {
    return in(Path.of("..", "models").resolve(name));
  }

  private static Fixture in(Path folder) throws IOException {
    JsonObject expected = Json.read(folder.resolve("expected.json")).asObject();
    if (expected.has("same_as")) {
      Path other = folder.resolve(expected.required("same_as").asString());
      expected = Json.read(other.normalize()).asObject();
    }
    return new Fixture(folder, expected);
  }

  public Path folder() {
    return folder;
  }

  public JsonObject expected() {
    return expected;
  }

  /** The objects of a list. */
  public List<JsonObject> cases(String name) throws IOException {
    return objects(expected.required(name).asArray());
  }

  static List<JsonObject> objects(JsonArray array) {
    return array.elements().stream().map(JsonObject.class::cast).toList();
  }

  static int[] ids(JsonValue value) throws IOException {
    JsonArray array = value.asArray();
    int[] ids = new int[array.size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = array.get(i).asInt();
    }
    return ids;
  }

  /** A tensor {@code {shape, dtype, data}}, flat in C order, or a plain list of numbers. */
  static float[] floats(JsonValue value) throws IOException {
    JsonArray data =
        value.isArray() ? value.asArray() : value.asObject().required("data").asArray();
    float[] floats = new float[data.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) data.get(i).asDouble();
    }
    return floats;
  }

  /** The largest |a - b|; fails on other lengths and on NaN. */
  static double maxDifference(float[] actual, float[] expected) {
    if (actual.length != expected.length) {
      throw new AssertionError(actual.length + " values, expected " + expected.length);
    }
    double max = 0;
    for (int i = 0; i < actual.length; i++) {
      double difference = Math.abs((double) actual[i] - expected[i]);
      if (!(difference <= Double.MAX_VALUE)) {
        throw new AssertionError(actual[i] + " at " + i + ", expected " + expected[i]);
      }
      max = Math.max(max, difference);
    }
    return max;
  }
}
