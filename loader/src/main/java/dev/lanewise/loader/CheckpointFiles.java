package dev.lanewise.loader;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which files of a folder hold the weights.
 *
 * @param folder that holds them
 * @param main the weights, or the list of their files
 * @param choice why this one, where there was a choice; else ""
 */
record CheckpointFiles(Path folder, Path main, String choice) {

  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final Pattern SHARD = Pattern.compile("(.+)-(\\d{5})-of-(\\d{5})\\.safetensors");

  /** Finds the weights at {@code path}, a folder or a file. */
  static CheckpointFiles at(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return in(path);
    }
    Optional<CheckpointFiles> tensorFlow = TensorFlowFiles.at(path);
    if (tensorFlow.isPresent()) {
      return tensorFlow.get();
    }
    if (Files.notExists(path)) {
      throw new NoSuchFileException(path.toString(), null, "no such file or folder");
    }
    return new CheckpointFiles(folderOf(path), path, "");
  }

  /** The release of 2018 at {@code path}, if that is what the weights there are. */
  static boolean isOriginalRelease(Path path) throws IOException {
    try {
      return at(path).isOriginalRelease();
    } catch (NoSuchFileException | UnsupportedCheckpointException e) {
      return false;
    }
  }

  /** The GGUF file at {@code path} or in that folder; empty if the weights there are others. */
  static Optional<Path> gguf(Path path) throws IOException {
    Path main;
    try {
      main = at(path).main();
    } catch (NoSuchFileException | UnsupportedCheckpointException e) {
      return Optional.empty();
    }
    return Files.isRegularFile(main) && Signature.of(main) == Signature.GGUF
        ? Optional.of(main)
        : Optional.empty();
  }

  /** The folder of a file, "." for a bare name. */
  static Path folderOf(Path file) {
    Path parent = file.getParent();
    return parent == null ? Path.of("") : parent;
  }

  private static CheckpointFiles in(Path folder) throws IOException {
    Path single = folder.resolve(SINGLE);
    Path index = folder.resolve(INDEX);
    List<String> others = new ArrayList<>(otherWeights(folder));
    if (Files.exists(single)) {
      if (Files.exists(index)) {
        others.addFirst(INDEX);
      }
      return new CheckpointFiles(folder, single, passedOver(others));
    }
    if (Files.exists(index)) {
      others.removeIf(other -> SHARD.matcher(other).matches());
      return new CheckpointFiles(folder, index, passedOver(others));
    }
    for (String ending : List.of(".safetensors", ".gguf")) {
      List<String> named = others.stream().filter(n -> n.endsWith(ending)).toList();
      List<String> firsts = named.stream().filter(CheckpointFiles::mayBeOpened).toList();
      if (firsts.size() > 1) {
        throw new UnsupportedCheckpointException(
            folder + ": holds several weight files, say which: " + String.join(", ", firsts));
      }
      if (firsts.size() == 1) {
        others.removeAll(named);
        return new CheckpointFiles(folder, folder.resolve(firsts.getFirst()), passedOver(others));
      }
    }
    if (Files.exists(folder.resolve(OriginalRelease.SHAPES))) {
      others.removeIf(other -> OriginalRelease.ARRAY.matcher(other).matches());
      return new CheckpointFiles(
          folder, folder.resolve(OriginalRelease.SHAPES), passedOver(others));
    }
    Optional<CheckpointFiles> tensorFlow = TensorFlowFiles.in(folder);
    if (tensorFlow.isPresent()) {
      others.removeIf(other -> other.endsWith(TensorBundle.INDEX));
      return tensorFlow.get().passingOver(others);
    }
    if (!others.isEmpty()) {
      // Says what the file is, or why it is not supported.
      return new CheckpointFiles(folder, folder.resolve(others.getFirst()), "");
    }
    throw new NoSuchFileException(
        folder.toString(),
        null,
        "no weights in this folder, expected "
            + SINGLE
            + ", "
            + INDEX
            + ", a .gguf file, params_shapes.json or a TensorFlow checkpoint");
  }

  /** Of several shards one is enough to name them all. */
  private static boolean mayBeOpened(String name) {
    for (Pattern pattern : List.of(SHARD, GgufShards.NAME)) {
      Matcher shard = pattern.matcher(name);
      if (shard.matches()) {
        return shard.group(2).equals("00001");
      }
    }
    return true;
  }

  private static String passedOver(List<String> others) {
    return others.isEmpty() ? "" : "not " + String.join(", ", others);
  }

  /** Names of further files that look like weights, sorted. */
  private static List<String> otherWeights(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> !name.equals(SINGLE) && !name.equals(INDEX))
          .filter(CheckpointFiles::isNamedLikeWeights)
          .sorted()
          .toList();
    }
  }

  private static boolean isNamedLikeWeights(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".safetensors")
        || lower.endsWith(".gguf")
        || lower.endsWith(".npy")
        || lower.endsWith(TensorBundle.INDEX)
        || lower.endsWith(".h5")
        || (lower.endsWith(".bin") && lower.contains("model"));
  }

  /** Whether this is GPT-1 as it was released in 2018, of which one file was named. */
  boolean isOriginalRelease() {
    String name = String.valueOf(main.getFileName());
    return name.equals(OriginalRelease.SHAPES)
        || (OriginalRelease.ARRAY.matcher(name).matches()
            && Files.exists(folder.resolve(OriginalRelease.SHAPES)));
  }

  /** Opens them. */
  Checkpoint open() throws IOException {
    if (isOriginalRelease()) {
      OriginalRelease release = OriginalRelease.read(folder);
      String what = release.files().size() + " arrays beside " + OriginalRelease.SHAPES;
      String description = choice.isEmpty() ? what : what + " (" + choice + ")";
      return MappedCheckpoint.map(OriginalRelease.FORMAT, description, folder, release);
    }
    Signature signature = Signature.of(main);
    String name = String.valueOf(main.getFileName());
    if (signature == Signature.JSON) {
      return shards(ShardIndex.read(main), "listed by " + name);
    }
    boolean named = name.endsWith(".safetensors");
    if (signature == Signature.SAFETENSORS || (named && signature == Signature.UNKNOWN)) {
      Matcher shard = SHARD.matcher(name);
      if (shard.matches()) {
        return siblings(shard);
      }
      String description = choice.isEmpty() ? name : name + " (" + choice + ")";
      return MappedCheckpoint.map(
          "safetensors", description, folder, List.of(SafetensorsReader.read(main)));
    }
    if (signature == Signature.GGUF) {
      return gguf(GgufShards.of(main));
    }
    if (signature == Signature.TABLE
        || (name.endsWith(TensorBundle.INDEX) && signature == Signature.UNKNOWN)) {
      List<TensorFile> data = TensorBundle.read(main);
      String description = TensorFlowFiles.describe(name, choice);
      return MappedCheckpoint.map(TensorBundle.FORMAT, description, folder, data);
    }
    throw signature.refusal(main);
  }

  private CheckpointFiles passingOver(List<String> others) {
    String more = passedOver(others);
    return new CheckpointFiles(
        folder,
        main,
        choice.isEmpty() || more.isEmpty()
            ? choice + more
            : choice + ", " + String.join(", ", others));
  }

  private Checkpoint gguf(GgufShards shards) throws IOException {
    GgufConfig.requireArchitecture(shards.metadata());
    int count = shards.headers().size();
    String what = count == 1 ? String.valueOf(main.getFileName()) : count + " parts found by name";
    String description = choice.isEmpty() ? what : what + " (" + choice + ")";
    return MappedCheckpoint.map(shards.format(), description, folder, shards.tensorFiles());
  }

  /** One shard was named: the others are found by the index, or else by their names. */
  private Checkpoint siblings(Matcher shard) throws IOException {
    Path index = folder.resolve(shard.group(1) + ".safetensors.index.json");
    if (Files.exists(index)) {
      return shards(ShardIndex.read(index), "listed by " + index.getFileName());
    }
    int count = Integer.parseInt(shard.group(3));
    if (count < 1 || count > ShardIndex.MAX_SHARDS) {
      throw new UnsupportedCheckpointException(
          main.getFileName()
              + ": names "
              + count
              + " shards, supported are 1 to "
              + ShardIndex.MAX_SHARDS);
    }
    List<Path> files = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      String part =
          String.format(Locale.ROOT, "%s-%05d-of-%05d.safetensors", shard.group(1), i, count);
      files.add(folder.resolve(part));
    }
    return shards(ShardIndex.without(files), "found by name");
  }

  private Checkpoint shards(ShardIndex index, String how) throws IOException {
    List<TensorFile> headers = index.headers();
    int count = headers.size();
    String format = "safetensors, " + count + (count == 1 ? " shard" : " shards");
    String description = count + " shards " + how + (choice.isEmpty() ? "" : " (" + choice + ")");
    return MappedCheckpoint.map(format, description, folder, headers);
  }
}
