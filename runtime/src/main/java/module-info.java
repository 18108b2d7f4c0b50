/** Forward-only runtime: classification, generation and scoring. */
module dev.lanewise {
  requires transitive dev.lanewise.loader;
  requires static org.jspecify;

  exports dev.lanewise;
}
