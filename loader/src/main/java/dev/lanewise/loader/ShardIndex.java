package dev.lanewise.loader;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;

/**
 * The shards of a model and which tensor is in which.
 *
 * @param source what errors call the index
 * @param files the shards
 * @param shardOf file names by tensor; empty where the shards were found without an index
 */
record ShardIndex(String source, SequencedSet<Path> files, SequencedMap<String, Path> shardOf) {

  /** More than any model has. */
  static final int MAX_SHARDS = 1_000;

  /** Reads a list like {@code model.safetensors.index.json}: a file name for each tensor. */
  static ShardIndex read(Path index) throws IOException {
    Path folder = CheckpointFiles.folderOf(index);
    String source = String.valueOf(index.getFileName());
    JsonObject root = Json.read(index).asObject();
    if (!root.has("weight_map")) {
      throw new UnsupportedCheckpointException(
          source + ": has no key 'weight_map'; expected weights or the index of their" + " shards");
    }
    SequencedSet<Path> files = new LinkedHashSet<>();
    SequencedMap<String, Path> shardOf = new LinkedHashMap<>();
    for (Map.Entry<String, JsonValue> entry :
        root.required("weight_map").asObject().members().entrySet()) {
      Path file = folder.resolve(fileName(entry.getValue()));
      files.add(file);
      if (files.size() > MAX_SHARDS) {
        throw new UnsupportedCheckpointException(
            source + ": names more than " + MAX_SHARDS + " shards");
      }
      shardOf.put(entry.getKey(), file);
    }
    if (files.isEmpty()) {
      throw new MalformedCheckpointException(source + ": 'weight_map' lists no tensor");
    }
    return new ShardIndex(source, files, shardOf);
  }

  /** Shards without an index. */
  static ShardIndex without(List<Path> files) {
    return new ShardIndex(
        String.valueOf(files.getFirst().getFileName()),
        new LinkedHashSet<>(files),
        new LinkedHashMap<>());
  }

  /** A name that stays in the folder, on every system. */
  private static String fileName(JsonValue value) throws MalformedCheckpointException {
    String name = value.asString();
    boolean plain =
        !name.isEmpty()
            && !name.startsWith(".")
            && name.chars().allMatch(c -> c >= ' ' && "/\\:*?\"<>|".indexOf(c) < 0);
    if (!plain) {
      throw value.expected("the name of a file in the same folder");
    }
    return name;
  }

  /** Whether a shard is one of PyTorch. */
  static boolean isTorch(Path file) throws IOException {
    Signature signature = Signature.of(file);
    return signature == Signature.ZIP || signature == Signature.PICKLE;
  }

  private static TensorFile header(Path file) throws IOException {
    if (isTorch(file)) {
      return TorchReader.read(file);
    }
    Signature signature = Signature.of(file);
    if (signature != Signature.SAFETENSORS && signature != Signature.UNKNOWN) {
      throw signature.refusal(file);
    }
    return SafetensorsReader.read(file);
  }

  /** Reads the headers of all shards and holds them to the index. */
  List<TensorFile> headers() throws IOException {
    for (Path file : files) {
      if (Files.notExists(file)) {
        throw new NoSuchFileException(
            file.toString(), null, "this shard is missing, named by " + source);
      }
    }
    Map<Path, TensorFile> headers = new LinkedHashMap<>();
    for (Path file : files) {
      headers.put(file, header(file));
    }
    for (Map.Entry<String, Path> entry : shardOf.entrySet()) {
      TensorFile header = headers.get(entry.getValue());
      if (header == null || !header.tensors().containsKey(entry.getKey())) {
        throw new MalformedCheckpointException(
            source
                + ": tensor "
                + Quoted.of(entry.getKey())
                + " is not in "
                + entry.getValue().getFileName()
                + ", where the index has it");
      }
    }
    return new ArrayList<>(headers.values());
  }
}
