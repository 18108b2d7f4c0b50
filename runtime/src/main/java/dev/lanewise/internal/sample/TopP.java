package dev.lanewise.internal.sample;

/**
 * The nucleus: as few of the likeliest tokens as have probability p together ("The Curious Case of
 * Neural Text Degeneration", Holtzman et al. 2020, 3.1). At least one.
 *
 * @param p 0 to 1
 */
record TopP(double p) implements CandidateFilter {

  @Override
  public void apply(Candidates candidates) {
    candidates.keepGreatestKeys(p);
  }
}
