/** Checkpoint files: weights, configuration, and the JSON they come with. */
module dev.lanewise.loader {
  requires transitive dev.lanewise.kernels;
  requires com.fasterxml.jackson.core;
  requires static org.jspecify;

  exports dev.lanewise.loader;
}
