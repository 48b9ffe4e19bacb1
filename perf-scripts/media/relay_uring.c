/*
 * Reference relay on io_uring, by system calls alone: one multishot receive armed on every leg, all of them filling one ring of
 * provided buffers; each pass rewrites what arrived in place and hands all sends over with the one call that also waits for more.
 *
 *   relay_uring ... [--buffers N]    receive buffers, a power of two up to 32768 (default 1024: few stay in the cache)
 */
#include "relay.h"
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define SUBMISSIONS 4096u
#define COMPLETIONS 32768u
#define BUFFER 256
#define STRIDE 320 /* an odd number of cache lines: buffers spread over all of the cache */
#define SEND_TAG 0x80000000u
#define NO_BUFFER 0xFFFFFFFFu

#define LOAD(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define STORE(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)

static int ring;
static unsigned *sq_head, *sq_tail, *cq_head, *cq_tail, sq_mask, cq_mask;
static struct io_uring_sqe *operations;
static struct io_uring_cqe *completions;
/* Of each place in the submission ring: the buffer that a send uses. */
static unsigned sending[SUBMISSIONS];
static unsigned tail, settled;

static struct io_uring_buf_ring *provided;
static uint8_t *memory;
static unsigned buffers;
static uint16_t provided_tail;

static int unarmed[MAX_LEGS], unarmed_count;
static uint64_t passes, armed_again;

static void *map(size_t length, int flags, int fd, off_t offset) {
  void *p = mmap(NULL, length, PROT_READ | PROT_WRITE, flags, fd, offset);
  if (p == MAP_FAILED) fail("mmap");
  return p;
}

static void set_up(void) {
  struct io_uring_params p = {.flags = IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_SINGLE_ISSUER |
                                       IORING_SETUP_DEFER_TASKRUN,
                              .cq_entries = COMPLETIONS};
  ring = (int)syscall(SYS_io_uring_setup, SUBMISSIONS, &p);
  if (ring < 0) fail("io_uring_setup");
  if (!(p.features & IORING_FEAT_SINGLE_MMAP) || !(p.features & IORING_FEAT_CQE_SKIP)) {
    fprintf(stderr, "relay_uring: this kernel's io_uring is too old\n");
    exit(1);
  }
  size_t submission_end = p.sq_off.array + p.sq_entries * sizeof(unsigned);
  size_t completion_end = p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe);
  size_t length = submission_end > completion_end ? submission_end : completion_end;
  uint8_t *shared = map(length, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
  operations =
      map(p.sq_entries * sizeof(struct io_uring_sqe), MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
  sq_head = (unsigned *)(shared + p.sq_off.head);
  sq_tail = (unsigned *)(shared + p.sq_off.tail);
  sq_mask = *(unsigned *)(shared + p.sq_off.ring_mask);
  cq_head = (unsigned *)(shared + p.cq_off.head);
  cq_tail = (unsigned *)(shared + p.cq_off.tail);
  cq_mask = *(unsigned *)(shared + p.cq_off.ring_mask);
  completions = (struct io_uring_cqe *)(shared + p.cq_off.cqes);
  for (unsigned i = 0; i < p.sq_entries; i++) ((unsigned *)(shared + p.sq_off.array))[i] = i;
}

static void give_back(unsigned buffer) {
  struct io_uring_buf *entry = &provided->bufs[provided_tail & (buffers - 1)];
  entry->addr = (uint64_t)(uintptr_t)(memory + (size_t)buffer * STRIDE);
  entry->len = BUFFER;
  entry->bid = (uint16_t)buffer;
  provided_tail++;
}

static void provide(void) {
  int anonymous = MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE;
  provided = map(buffers * sizeof(struct io_uring_buf), anonymous, -1, 0);
  memory = map((size_t)buffers * STRIDE, anonymous, -1, 0);
  struct io_uring_buf_reg registration = {.ring_addr = (uint64_t)(uintptr_t)provided, .ring_entries = buffers};
  if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_PBUF_RING, &registration, 1)) fail("register buffers");
  for (unsigned i = 0; i < buffers; i++) give_back(i);
  STORE(&provided->tail, provided_tail);
}

/* Hands over what is collected, waits when asked to; then the buffers of all sends taken are free: a send that must not wait is through. */
static void enter(unsigned wait, unsigned flags) {
  STORE(sq_tail, tail);
  long answer = syscall(SYS_io_uring_enter, ring, tail - settled, wait, flags, NULL, 0);
  if (answer < 0 && errno != EINTR && errno != EAGAIN && errno != EBUSY) fail("io_uring_enter");
  unsigned taken = LOAD(sq_head);
  for (; settled != taken; settled++)
    if (sending[settled & sq_mask] != NO_BUFFER) give_back(sending[settled & sq_mask]);
  STORE(&provided->tail, provided_tail);
}

static struct io_uring_sqe *operation(unsigned buffer) {
  while (tail - settled > sq_mask) enter(0, 0);
  struct io_uring_sqe *sqe = &operations[tail & sq_mask];
  sending[tail & sq_mask] = buffer;
  tail++;
  memset(sqe, 0, sizeof *sqe);
  return sqe;
}

static void arm(int leg) {
  struct io_uring_sqe *sqe = operation(NO_BUFFER);
  sqe->opcode = IORING_OP_RECV;
  sqe->flags = IOSQE_BUFFER_SELECT | IOSQE_FIXED_FILE;
  sqe->ioprio = IORING_RECV_MULTISHOT;
  sqe->fd = leg;
  sqe->user_data = (uint64_t)leg;
}

static void forward(int leg, unsigned buffer, int length) {
  uint8_t *p = memory + (size_t)buffer * STRIDE;
  int peer = legs[leg].peer;
  if (!rewrite(&legs[peer], p, length)) {
    give_back(buffer);
    return;
  }
  struct io_uring_sqe *sqe = operation(buffer);
  sqe->opcode = IORING_OP_SEND;
  sqe->flags = IOSQE_FIXED_FILE | IOSQE_CQE_SKIP_SUCCESS;
  sqe->fd = peer;
  sqe->addr = (uint64_t)(uintptr_t)p;
  sqe->len = (uint32_t)length;
  sqe->msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL;
  sqe->user_data = SEND_TAG;
}

static void complete(void) {
  unsigned head = *cq_head, end = LOAD(cq_tail);
  for (; head != end; head++) {
    struct io_uring_cqe *cqe = &completions[head & cq_mask];
    if (cqe->user_data & SEND_TAG) {
      send_errors++;
      continue;
    }
    int leg = (int)cqe->user_data;
    if (cqe->flags & IORING_CQE_F_BUFFER) forward(leg, cqe->flags >> IORING_CQE_BUFFER_SHIFT, cqe->res);
    if (!(cqe->flags & IORING_CQE_F_MORE)) unarmed[unarmed_count++] = leg;
  }
  STORE(cq_head, head);
}

/* What ended (no buffer left, a refusal told by ICMP) is armed again, no more of it than there are buffers once the sends are through. */
static void arm_again(void) {
  if (!unarmed_count) return;
  enter(0, 0);
  for (unsigned i = 0; i < buffers && unarmed_count > 0; i++, armed_again++) arm(unarmed[--unarmed_count]);
}

int main(int argc, char **argv) {
  static int fds[MAX_LEGS];
  buffers = (unsigned)atoi(option(argc, argv, "--buffers", "1024"));
  if (buffers < 64 || buffers > 32768 || buffers & (buffers - 1)) {
    fprintf(stderr, "relay_uring: --buffers is a power of two, 64 to 32768\n");
    return 2;
  }
  open_legs(argc, argv, 0);
  set_up();
  provide();
  for (int i = 0; i < leg_count; i++) fds[i] = legs[i].fd;
  if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_FILES, fds, leg_count)) fail("register files");
  for (int i = 0; i < leg_count; i++) arm(i);
  enter(0, 0);
  ready();
  while (!stopping) {
    enter(unarmed_count ? 0 : 1, IORING_ENTER_GETEVENTS);
    passes++;
    complete();
    arm_again();
  }
  tell(passes, armed_again);
  return 0;
}
