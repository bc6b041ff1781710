/* For .ci/virtcam.sh only, by LD_PRELOAD: libcamera shares its buffers as dma-buf file descriptors. Kernels of virtual
   machines often have neither /dev/dma_heap nor /dev/udmabuf, so this gives it memory files in their place; on a
   processor without a camera nobody can tell the difference. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int is_buffer_source(const char *path)
{
    return path && (!strcmp(path, "/dev/udmabuf") || !strncmp(path, "/dev/dma_heap/", 14));
}

static int open_as(const char *name, const char *path, int flags, mode_t mode)
{
    int (*next)(const char *, int, ...) = dlsym(RTLD_NEXT, name);
    return is_buffer_source(path) ? next("/dev/null", O_RDWR | O_CLOEXEC) : next(path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    return open_as("open", path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    return open_as("open64", path, flags, mode);
}

int ioctl(int file, unsigned long request, ...)
{
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    if (request == UDMABUF_CREATE)
        return fcntl((int)((struct udmabuf_create *)argument)->memfd, F_DUPFD_CLOEXEC, 3);
    if (request == DMA_HEAP_IOCTL_ALLOC) {
        struct dma_heap_allocation_data *wanted = argument;
        int memory = memfd_create("dma-heap", MFD_CLOEXEC);
        if (memory < 0 || ftruncate(memory, (off_t)wanted->len))
            return -1;
        wanted->fd = (__u32)memory;
        return 0;
    }
    int (*next)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
    int result = next(file, request, argument);
    /* Memory files need no synchronization, and have no names. */
    if (result < 0 && (request == DMA_BUF_IOCTL_SYNC || request == DMA_BUF_SET_NAME_A || request == DMA_BUF_SET_NAME_B)) {
        errno = 0;
        return 0;
    }
    return result;
}
