/**
 * Audio codecs: samples to bytes and back, a packet at a time, and what stands in for packets that never came. Nothing
 * here knows RTP headers, allocates after construction, or throws on what a far end sent.
 *
 * <p>Owning thread: none. An encoder, a decoder or a concealment belongs to whoever feeds it, one stream each.
 */
package io.hookswitch.rtp.codec;
