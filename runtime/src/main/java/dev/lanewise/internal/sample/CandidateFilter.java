package dev.lanewise.internal.sample;

/** Takes candidates away, never all. */
interface CandidateFilter {

  /** Removes candidates; the weights of those left stay. */
  void apply(Candidates candidates);
}
