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
import org.jspecify.annotations.Nullable;

/**
 * Which files of a folder hold the weights.
 *
 * @param folder that holds them
 * @param main the weights, or the list of their files
 * @param choice why this one, where there was a choice; else ""
 */
record CheckpointFiles(Path folder, Path main, String choice) {

  /** How a list of shards is called after the file that they are in place of. */
  private static final String LIST = ".index.json";

  private static final Pattern SHARD =
      Pattern.compile("(.+)-(\\d{5})-of-(\\d{5})\\.(safetensors|bin)");

  /**
   * Weights of a folder.
   *
   * @param usual what they are called, or the list of their shards with {@link #LIST} after it
   * @param ending of files with other names
   */
  private record Kind(String usual, String ending) {}

  /** In the order in which they are looked for. */
  private static final List<Kind> KINDS =
      List.of(
          new Kind("model.safetensors", ".safetensors"),
          new Kind("model.gguf", ".gguf"),
          new Kind("pytorch_model.bin", ".bin"),
          new Kind("model.pt", ".pt"),
          new Kind("model.pth", ".pth"));

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
    List<String> others = new ArrayList<>(weights(folder));
    for (Kind kind : KINDS) {
      CheckpointFiles found = usual(folder, kind.usual(), others);
      if (found == null) {
        found = only(folder, kind.ending(), others);
      }
      if (found != null) {
        return found;
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
        "no weights in this folder, expected model.safetensors, a .gguf file, pytorch_model.bin,"
            + " params_shapes.json or a TensorFlow checkpoint");
  }

  /** The file of the usual name, else the list of its shards. */
  private static @Nullable CheckpointFiles usual(Path folder, String name, List<String> others) {
    String index = name + LIST;
    boolean listed = Files.exists(folder.resolve(index));
    if (Files.exists(folder.resolve(name))) {
      others.remove(name);
      if (listed) {
        others.addFirst(index);
      }
      return new CheckpointFiles(folder, folder.resolve(name), passedOver(others));
    }
    if (listed) {
      others.removeIf(other -> SHARD.matcher(other).matches());
      return new CheckpointFiles(folder, folder.resolve(index), passedOver(others));
    }
    return null;
  }

  /** The only file with this ending, or the first of the only shards. */
  private static @Nullable CheckpointFiles only(Path folder, String ending, List<String> others)
      throws IOException {
    List<String> named = others.stream().filter(name -> name.endsWith(ending)).toList();
    List<String> firsts = named.stream().filter(CheckpointFiles::mayBeOpened).toList();
    if (firsts.size() > 1) {
      throw new UnsupportedCheckpointException(
          folder + ": holds several weight files, say which: " + String.join(", ", firsts));
    }
    if (firsts.isEmpty()) {
      return null;
    }
    others.removeAll(named);
    return new CheckpointFiles(folder, folder.resolve(firsts.getFirst()), passedOver(others));
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

  /** Names of files that look like weights, sorted. */
  private static List<String> weights(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
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
        || (lower.matches(".*\\.(bin|pt|pth)") && lower.contains("model"));
  }

  /** Whether this is GPT-1 as it was released in 2018, of which one file was named. */
  boolean isOriginalRelease() {
    String name = String.valueOf(main.getFileName());
    return name.equals(OriginalRelease.SHAPES)
        || (OriginalRelease.ARRAY.matcher(name).matches()
            && Files.exists(folder.resolve(OriginalRelease.SHAPES)));
  }

  /** Opens them. */
  MappedCheckpoint open() throws IOException {
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
    boolean torch = signature == Signature.ZIP || signature == Signature.PICKLE;
    boolean named = name.endsWith(".safetensors") && signature == Signature.UNKNOWN;
    if (torch || named || signature == Signature.SAFETENSORS) {
      Matcher shard = SHARD.matcher(name);
      if (shard.matches()) {
        return siblings(shard);
      }
      String description = choice.isEmpty() ? name : name + " (" + choice + ")";
      TensorFile header = torch ? TorchReader.read(main) : SafetensorsReader.read(main);
      String format = torch ? TorchReader.FORMAT : SafetensorsReader.FORMAT;
      return MappedCheckpoint.map(format, description, folder, List.of(header));
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

  private MappedCheckpoint gguf(GgufShards shards) throws IOException {
    GgufConfig.requireArchitecture(shards.metadata());
    int count = shards.headers().size();
    String what = count == 1 ? String.valueOf(main.getFileName()) : count + " parts found by name";
    String description = choice.isEmpty() ? what : what + " (" + choice + ")";
    return MappedCheckpoint.map(shards.format(), description, folder, shards.tensorFiles());
  }

  /** One shard was named: the others are found by the index, or else by their names. */
  private MappedCheckpoint siblings(Matcher shard) throws IOException {
    Path index = folder.resolve(shard.group(1) + "." + shard.group(4) + LIST);
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
          String.format(
              Locale.ROOT, "%s-%05d-of-%05d.%s", shard.group(1), i, count, shard.group(4));
      files.add(folder.resolve(part));
    }
    return shards(ShardIndex.without(files), "found by name");
  }

  private MappedCheckpoint shards(ShardIndex index, String how) throws IOException {
    List<TensorFile> headers = index.headers();
    int count = headers.size();
    boolean torch = ShardIndex.isTorch(headers.getFirst().file());
    String format =
        (torch ? TorchReader.FORMAT : SafetensorsReader.FORMAT)
            + ", "
            + count
            + (count == 1 ? " shard" : " shards");
    String description = count + " shards " + how + (choice.isEmpty() ? "" : " (" + choice + ")");
    return MappedCheckpoint.map(format, description, folder, headers);
  }
}
