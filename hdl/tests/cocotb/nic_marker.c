// SPDX-License-Identifier: Apache-2.0
// The program of slot B in the campaign on the NIC (nic_run.py): marks each frame, and does what its twelfth byte says, so that every output is used. Counts what it did.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

#define OWN_PORT 1
#define NO_PORT 7

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct bpf_cpumap_val);
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

SEC("xdp")
int marker(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 choice;
	__u64 *count;

	if (data + ETH_HLEN > end)
		return XDP_ABORTED;
	choice = data[11] & 7;
	data[6] ^= 0x5a;
	count = bpf_map_lookup_elem(&seen, &choice);
	if (!count)
		return XDP_ABORTED;
	*count += 1;
	switch (choice) {
	case 0:
		return XDP_DROP;
	case 1:
		return XDP_TX;
	case 2:
		return bpf_redirect(OWN_PORT, 0);
	case 3:
		return bpf_redirect_map(&cpus, data[10] & 1, XDP_DROP);
	case 4:
		return bpf_redirect(NO_PORT, 0);
	case 5: {
		__u64 record[2] = { *(__u32 *)data, *count };

		bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, record, sizeof(record));
		return XDP_PASS;
	}
	default:
		return XDP_PASS;
	}
}

char _license[] SEC("license") = "GPL";
