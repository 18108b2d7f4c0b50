package dev.lanewise.loader;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which TensorFlow checkpoint is meant: a folder may hold those of several steps, and a text file
 * {@code checkpoint} that names the last.
 */
final class TensorFlowFiles {

  /** Name of the text file. */
  static final String STATE = "checkpoint";

  private static final String INDEX = TensorBundle.INDEX;
  private static final Pattern BESIDE_INDEX =
      Pattern.compile("(.+)(\\.data-\\d{5}-of-\\d{5}|\\.meta)");
  private static final Pattern STEP = Pattern.compile("(.*)-(\\d{1,18})");

  private TensorFlowFiles() {}

  /** Whether {@code path} stands for files that are called like it, with an ending. */
  static boolean isPrefix(Path path) {
    return Files.notExists(path) && Files.exists(ended(path, INDEX));
  }

  /** The checkpoint that a path other than a folder or an index stands for, if it does. */
  static Optional<CheckpointFiles> at(Path path) throws IOException {
    if (isPrefix(path)) {
      return Optional.of(of(ended(path, INDEX), ""));
    }
    String name = String.valueOf(path.getFileName());
    if (name.equals(STATE) && Files.isRegularFile(path)) {
      Path folder = CheckpointFiles.folderOf(path);
      return Optional.of(named(path, indexes(folder)));
    }
    Matcher beside = BESIDE_INDEX.matcher(name);
    if (beside.matches() && Files.exists(path)) {
      Path index = path.resolveSibling(beside.group(1) + INDEX);
      if (Files.exists(index)) {
        return Optional.of(of(index, ""));
      }
    }
    return Optional.empty();
  }

  /** The checkpoint of a folder, if it has one. */
  static Optional<CheckpointFiles> in(Path folder) throws IOException {
    List<String> indexes = indexes(folder);
    Path state = folder.resolve(STATE);
    if (Files.isRegularFile(state)) {
      return Optional.of(named(state, indexes));
    }
    if (indexes.size() < 2) {
      return indexes.stream().findFirst().map(index -> of(folder.resolve(index), ""));
    }
    // Without the text file, steps of one name are told apart by their numbers.
    String last = indexes.stream().max(Comparator.comparingLong(TensorFlowFiles::order)).get();
    String stem = stem(last);
    if (step(last).isEmpty() || !indexes.stream().allMatch(index -> stem(index).equals(stem))) {
      throw new UnsupportedCheckpointException(
          folder + ": holds several checkpoints, say which: " + String.join(", ", indexes));
    }
    return Optional.of(of(folder.resolve(last), "the highest step; " + others(indexes, last)));
  }

  private static CheckpointFiles of(Path index, String choice) {
    return new CheckpointFiles(CheckpointFiles.folderOf(index), index, choice);
  }

  private static Path ended(Path path, String ending) {
    Path name = path.getFileName();
    return name == null ? path : path.resolveSibling(name + ending);
  }

  /** The one that the text file names. */
  private static CheckpointFiles named(Path state, List<String> indexes) throws IOException {
    String index = CheckpointState.latest(state) + INDEX;
    Path file = state.resolveSibling(index);
    if (Files.notExists(file)) {
      throw new NoSuchFileException(
          file.toString(),
          null,
          "no such file, but the file 'checkpoint' names it"
              + (indexes.isEmpty() ? "" : "; there are " + String.join(", ", indexes)));
    }
    String others = others(indexes, index);
    return of(file, others.isEmpty() ? "" : "named by the file 'checkpoint'; " + others);
  }

  private static String others(List<String> indexes, String taken) {
    List<String> others = new ArrayList<>(indexes);
    others.remove(taken);
    return others.isEmpty() ? "" : "not " + String.join(", ", others);
  }

  private static List<String> indexes(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.endsWith(INDEX) && !name.startsWith("."))
          .sorted(Comparator.comparingLong(TensorFlowFiles::order).thenComparing(name -> name))
          .toList();
    }
  }

  private static long order(String index) {
    return step(index).orElse(-1);
  }

  private static String prefix(String index) {
    return index.endsWith(INDEX) ? index.substring(0, index.length() - INDEX.length()) : index;
  }

  private static String stem(String index) {
    Matcher step = STEP.matcher(prefix(index));
    return step.matches() ? step.group(1) : prefix(index);
  }

  private static OptionalLong step(String index) {
    Matcher step = STEP.matcher(prefix(index));
    return step.matches() ? OptionalLong.of(Long.parseLong(step.group(2))) : OptionalLong.empty();
  }

  /** For people: "model.ckpt-1000, step 1000 (named by the file 'checkpoint'; not ...)". */
  static String describe(String index, String choice) {
    OptionalLong step = step(index);
    String what = prefix(index) + (step.isPresent() ? ", step " + step.getAsLong() : "");
    return choice.isEmpty() ? what : what + " (" + choice + ")";
  }
}
