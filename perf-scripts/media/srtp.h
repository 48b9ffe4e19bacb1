/*
 * SRTP as the generator needs it: AES_CM_128_HMAC_SHA1_80 (RFC 3711) with libcrypto. One master key for all that it sends, one for all
 * that it receives. Of what it receives only the first block is read, and the tag of some: a check, not a receiver.
 */
#ifndef SRTP_H
#define SRTP_H
#define OPENSSL_SUPPRESS_DEPRECATED /* SHA_CTX: its state is set up once and copied, which the new interface does not offer as cheaply */
#include <openssl/aes.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SRTP_KEY 16
#define SRTP_SALT 14
#define SRTP_TAG 10
#define SRTP_BLOCK 16
#define SRTP_HEADER 12

struct srtp {
  EVP_CIPHER_CTX *stream;
  EVP_CIPHER_CTX *block;
  uint8_t salt[SRTP_BLOCK]; /* times 2^16 */
  SHA_CTX inner, outer;
};

/* Section 4.3.1 with a key derivation rate of 0. */
static inline void srtp_derive(const uint8_t *master, int label, uint8_t *out, int length) {
  uint8_t iv[SRTP_BLOCK] = {0}, zeros[32] = {0};
  int n;
  EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
  memcpy(iv, master + SRTP_KEY, SRTP_SALT);
  iv[7] ^= (uint8_t)label;
  EVP_EncryptInit_ex(c, EVP_aes_128_ctr(), NULL, master, iv);
  EVP_EncryptUpdate(c, out, &n, zeros, length);
  EVP_CIPHER_CTX_free(c);
}

/* From 60 hexadecimal digits: master key, master salt. Returns whether they were that. */
static inline int srtp_open(struct srtp *s, const char *hex) {
  uint8_t master[SRTP_KEY + SRTP_SALT], key[SRTP_KEY], auth[20], pad[64];
  for (size_t i = 0; i < sizeof master; i++)
    if (sscanf(hex + 2 * i, "%2hhx", &master[i]) != 1) return 0;
  srtp_derive(master, 0, key, sizeof key);
  srtp_derive(master, 1, auth, sizeof auth);
  memset(s->salt, 0, sizeof s->salt);
  srtp_derive(master, 2, s->salt, SRTP_SALT);
  s->stream = EVP_CIPHER_CTX_new();
  s->block = EVP_CIPHER_CTX_new();
  EVP_EncryptInit_ex(s->stream, EVP_aes_128_ctr(), NULL, key, s->salt);
  EVP_EncryptInit_ex(s->block, EVP_aes_128_ecb(), NULL, key, NULL);
  memset(pad, 0x36, sizeof pad);
  for (size_t i = 0; i < sizeof auth; i++) pad[i] ^= auth[i];
  SHA1_Init(&s->inner);
  SHA1_Update(&s->inner, pad, sizeof pad);
  for (size_t i = 0; i < sizeof pad; i++) pad[i] ^= 0x36 ^ 0x5c;
  SHA1_Init(&s->outer);
  SHA1_Update(&s->outer, pad, sizeof pad);
  return 1;
}

/* Section 4.1.1: of a packet with its SSRC and sequence in place. */
static inline void srtp_iv(const struct srtp *s, const uint8_t *packet, uint32_t rollover, uint8_t *iv) {
  memcpy(iv, s->salt, SRTP_BLOCK);
  for (int i = 0; i < 4; i++) iv[4 + i] ^= packet[8 + i];
  for (int i = 0; i < 4; i++) iv[8 + i] ^= (uint8_t)(rollover >> (24 - 8 * i));
  iv[12] ^= packet[2];
  iv[13] ^= packet[3];
}

static inline void srtp_tag(const struct srtp *s, const uint8_t *packet, int length, uint32_t rollover, uint8_t *tag) {
  uint8_t digest[SHA_DIGEST_LENGTH];
  uint32_t roc = htonl(rollover);
  SHA_CTX c = s->inner;
  SHA1_Update(&c, packet, (size_t)length);
  SHA1_Update(&c, &roc, 4);
  SHA1_Final(digest, &c);
  c = s->outer;
  SHA1_Update(&c, digest, sizeof digest);
  SHA1_Final(digest, &c);
  memcpy(tag, digest, SRTP_TAG);
}

/* In place; the tag goes behind. */
static inline void srtp_protect(struct srtp *s, uint8_t *packet, int length, uint32_t rollover) {
  uint8_t iv[SRTP_BLOCK];
  int n;
  srtp_iv(s, packet, rollover, iv);
  EVP_EncryptInit_ex(s->stream, NULL, NULL, NULL, iv);
  EVP_EncryptUpdate(s->stream, packet + SRTP_HEADER, &n, packet + SRTP_HEADER, length - SRTP_HEADER);
  srtp_tag(s, packet, length, rollover, packet + length);
}

/* The first 16 bytes of payload in the clear. */
static inline void srtp_peek(struct srtp *s, const uint8_t *packet, uint32_t rollover, uint8_t *clear) {
  uint8_t iv[SRTP_BLOCK];
  int n;
  srtp_iv(s, packet, rollover, iv);
  EVP_EncryptUpdate(s->block, clear, &n, iv, SRTP_BLOCK);
  for (int i = 0; i < SRTP_BLOCK; i++) clear[i] ^= packet[SRTP_HEADER + i];
}

/* Whether the tag behind a packet of so many bytes is right. */
static inline int srtp_authentic(const struct srtp *s, const uint8_t *packet, int length, uint32_t rollover) {
  uint8_t tag[SRTP_TAG];
  srtp_tag(s, packet, length, rollover, tag);
  return !memcmp(tag, packet + length, SRTP_TAG);
}
#endif
