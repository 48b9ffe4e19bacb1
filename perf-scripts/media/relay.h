/*
 * What the two reference relays share: options, one connected UDP socket a leg, the rewrite of the RTP header. They do nothing
 * else: no statistics, no events, no RTCP, no timers. So they mark what the kernel leaves possible on this machine.
 *
 *   relay_... --calls N --far-port P --ports A-B --out FILE
 *
 * Legs take the even ports from A on, leg 2i (A) and 2i+1 (B) are call i; far ends are 127.0.0.1:P + i % 4 for A legs and
 * P + 4 + i % 4 for B legs. FILE gets "port A, port B" a line, standard output "ready". Ends on SIGTERM or with its parent, telling its
 * counters on standard error.
 */
#ifndef RELAY_H
#define RELAY_H
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_LEGS 40000
#define SIDE_PORTS 4
#define RTP_HEADER 12

/* How a leg continues its own stream with what its peer receives; peer and stream are touched together, half a cache line. */
struct leg {
  int fd;
  int peer;
  uint32_t ssrc_in; /* as on the wire */
  uint32_t ssrc_out;
  uint32_t timestamp_step;
  uint32_t timestamp_last;
  uint16_t sequence_step;
  uint16_t sequence_last;
  uint32_t unused;
};

static struct leg legs[MAX_LEGS];
static int leg_count;
static volatile sig_atomic_t stopping;
static uint64_t forwarded, refused, send_errors;

static inline void on_stop(int signal_number) {
  (void)signal_number;
  stopping = 1;
}

/* Rewrites SSRC, sequence and timestamp of a packet that goes out of a leg. Returns 0 when it is no RTP. */
static inline int rewrite(struct leg *out, uint8_t *p, int length) {
  uint16_t sequence;
  uint32_t timestamp, ssrc;
  if (length < RTP_HEADER || (p[0] & 0xC0) != 0x80) {
    refused++;
    return 0;
  }
  memcpy(&sequence, p + 2, 2);
  memcpy(&timestamp, p + 4, 4);
  memcpy(&ssrc, p + 8, 4);
  sequence = ntohs(sequence);
  timestamp = ntohl(timestamp);
  if (ssrc != out->ssrc_in) {
    out->ssrc_in = ssrc;
    out->sequence_step = (uint16_t)(out->sequence_last + 1 - sequence);
    out->timestamp_step = out->timestamp_last + 160 - timestamp;
  }
  out->sequence_last = (uint16_t)(sequence + out->sequence_step);
  out->timestamp_last = timestamp + out->timestamp_step;
  sequence = htons(out->sequence_last);
  timestamp = htonl(out->timestamp_last);
  memcpy(p + 2, &sequence, 2);
  memcpy(p + 4, &timestamp, 4);
  memcpy(p + 8, &out->ssrc_out, 4);
  forwarded++;
  return 1;
}

static inline const char *option(int argc, char **argv, const char *name, const char *otherwise) {
  for (int i = 1; i + 1 < argc; i += 2)
    if (!strcmp(argv[i], name)) return argv[i + 1];
  return otherwise;
}

static inline void fail(const char *what) {
  perror(what);
  exit(1);
}

/* A socket between a local and a far port of loopback. An ended io_uring process frees its ports late: tries for a second. */
static inline int open_leg(int port, int far_port, int flags) {
  struct sockaddr_in own = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_in far = own;
  struct timespec nap = {0, 20000000};
  far.sin_port = htons((uint16_t)far_port);
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | flags, 0);
  if (fd < 0) fail("socket");
  int tries = 50;
  while (bind(fd, (struct sockaddr *)&own, sizeof own)) {
    if (errno != EADDRINUSE || !--tries) fail("bind");
    nanosleep(&nap, NULL);
  }
  if (connect(fd, (struct sockaddr *)&far, sizeof far)) fail("connect");
  return fd;
}

/* Opens all legs and tells their ports; socket_flags as for socket(2). */
static inline void open_legs(int argc, char **argv, int socket_flags) {
  int calls = atoi(option(argc, argv, "--calls", "1000")), far_port = atoi(option(argc, argv, "--far-port", "61000"));
  int first = 0, last = 0;
  const char *path = option(argc, argv, "--out", "relay.ports");
  if (sscanf(option(argc, argv, "--ports", "20000-39999"), "%d-%d", &first, &last) != 2 || calls < 1 ||
      2 * calls > MAX_LEGS || first < 1024 || first % 2 || last > 65535 || first + 4 * calls - 1 > last) {
    fprintf(stderr, "%s: 1..%d calls, and --ports A-B (A even) must hold four ports a call\n", argv[0], MAX_LEGS / 2);
    exit(2);
  }
  struct sigaction stop = {.sa_handler = on_stop}; /* without SA_RESTART: a wait in the kernel ends */
  sigaction(SIGTERM, &stop, NULL);
  sigaction(SIGINT, &stop, NULL);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  leg_count = 2 * calls;
  FILE *out = fopen(path, "w");
  if (!out) fail(path);
  for (int i = 0; i < leg_count; i++) {
    int far = far_port + (i & 1) * SIDE_PORTS + i / 2 % SIDE_PORTS;
    legs[i] = (struct leg){.fd = open_leg(first + 2 * i, far, socket_flags),
                           .peer = i ^ 1,
                           .ssrc_out = htonl(0x10000000u + (uint32_t)i),
                           .sequence_last = (uint16_t)(i * 7919)};
    fprintf(out, "%d%c", first + 2 * i, i & 1 ? '\n' : ' ');
  }
  fclose(out);
}

static inline void ready(void) {
  puts("ready");
  fflush(stdout);
}

static inline void tell(uint64_t passes, uint64_t armed_again) {
  fprintf(stderr,
          "{\"forwarded\":%llu,\"refused\":%llu,\"send_errors\":%llu,\"passes\":%llu,\"packets_per_pass\":%.2f,"
          "\"armed_again\":%llu}\n",
          (unsigned long long)forwarded, (unsigned long long)refused, (unsigned long long)send_errors,
          (unsigned long long)passes, (double)forwarded / (double)(passes ? passes : 1), (unsigned long long)armed_again);
}
#endif
