/**
 * Byte-pair-encoding tokenizers of GPT-1 and GPT-2.
 *
 * <p>A text becomes UTF-8 bytes once; every later stage (added tokens, normalizer, pre-tokenizer,
 * vocabulary, merges) works on those bytes with primitive tables, so encoding allocates a few
 * buffers a call and nothing a token. Start reading at {@link
 * dev.lanewise.internal.tokenizer.BpeTokenizer}.
 */
@NullMarked
package dev.lanewise.internal.tokenizer;

import org.jspecify.annotations.NullMarked;
