// SPDX-License-Identifier: Apache-2.0
`default_nettype none

/// The entries of a devmap that name a port, for bpf_replicate: a copy of the map that follows the host's writes and can be listed at
/// one entry per clock.
///
/// `set_valid_i` (1 clock): the entry now has this value; 0: it is none. At least 4 clocks later the next. A listing begins with `start_i`
/// (only after the one before has ended): `valid_o` with each port, last with `end_o`; held until `take_i`. An entry that is there all the
/// time is listed once; one that is written meanwhile, as it was or as it is.
/// A listing takes 3 clocks before the first port and, of every 32 entries, 2 clocks and 1 for each port.
/// `clear_i` (a level) empties it, in ENTRIES / 32 clocks, while the map it follows is emptied, as does reset with RESET_CLEARS.
/// Resources: ENTRIES x 32 bits of RAM in two memories.
module bpf_members #(
  parameter int unsigned ENTRIES = 4,
  parameter int unsigned RESET_CLEARS = 0,     // 1: reset empties the map that is followed
  localparam int unsigned IDX_W = (ENTRIES > 1) ? $clog2(ENTRIES) : 1,
  localparam int unsigned WORDS = (ENTRIES + 31) / 32,
  localparam int unsigned WORD_W = (WORDS > 1) ? $clog2(WORDS) : 1
) (
  input  logic             clk_i,
  input  logic             rst_i,              // synchronous, active high
  input  logic             clear_i,
  // the host's writes
  input  logic             set_valid_i,
  input  logic [IDX_W-1:0] set_idx_i,
  input  logic [31:0]      set_value_i,
  // listing
  input  logic             start_i,
  output logic             valid_o,
  output logic             end_o,
  output logic [30:0]      port_o,
  input  logic             take_i
);
  if (ENTRIES < 1) begin : g_check_1
    $fatal(1, "bpf_members: ENTRIES must be at least 1");
  end

  // Which entries are there, and their ports.
  (* no_rw_check *)
  logic [31:0] present [0:WORDS-1];
  (* no_rw_check *)
  logic [30:0] ports [0:ENTRIES-1];

  // Synthesis tools unroll this: only for sizes that might not become block RAM, which powers up as zero anyway.
`ifdef SYNTHESIS
  if (WORDS <= 16) begin : g_small
    initial begin
      for (int unsigned i = 0; i < WORDS; i++) present[i] = '0;
    end
  end
`else
  initial begin
    for (int unsigned i = 0; i < WORDS; i++) present[i] = '0;
  end
`endif

  // ---- the host's writes: a bit of a word is read, changed and written ----
  logic              clear, clear_q, edit_q, write_q, filled_q;  // a clearing that has begun goes once through all words
  logic [WORD_W-1:0] clear_word_q, edit_word_q;
  logic [4:0]        edit_bit_q;
  logic [31:0]       word_q, edited;
  logic              word_we;
  logic [WORD_W-1:0] word_addr;
  logic [31:0]       word_data;

  assign clear = clear_i || clear_q;

  always_comb begin
    edited = word_q;
    edited[edit_bit_q] = filled_q;
  end

  assign word_we   = clear || write_q;
  assign word_addr = clear ? clear_word_q : edit_word_q;
  assign word_data = clear ? '0 : edited;

  always_ff @(posedge clk_i) begin
    if (clear) begin
      clear_q      <= 32'(clear_word_q) != WORDS - 1;
      clear_word_q <= (32'(clear_word_q) == WORDS - 1) ? '0 : clear_word_q + 1'b1;
    end
    // Held until the clearing is over.
    edit_q  <= set_valid_i || (edit_q && clear);
    write_q <= edit_q && !clear;
    if (set_valid_i) begin
      edit_word_q <= WORD_W'(32'(set_idx_i) >> 5);
      edit_bit_q  <= 5'(set_idx_i);
      filled_q    <= set_value_i != '0;
    end
    if (rst_i) begin
      clear_q      <= RESET_CLEARS != 0;
      clear_word_q <= '0;
      edit_q       <= 1'b0;
      write_q      <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (word_we) present[word_addr] <= word_data;
  end

  always_ff @(posedge clk_i) begin
    if (set_valid_i && set_value_i != '0) ports[set_idx_i] <= set_value_i[30:0];
  end

  // ---- listing ----
  typedef enum logic [1:0] { IDLE, READ, LOAD, LIST } state_t;

  state_t            state_q;
  logic [WORD_W-1:0] list_word_q;
  logic [31:0]       left_q, lowest;           // entries of this word that are still to be listed
  logic [4:0]        first;
  logic              last_word, go, end_go, valid_q, end_q;
  logic [30:0]       port_q;
  logic [WORD_W-1:0] read_word;

  // The one reader of the words: a change has precedence, the listing asks again.
  assign read_word = edit_q ? edit_word_q : list_word_q;

  always_ff @(posedge clk_i) word_q <= present[read_word];

  assign lowest    = left_q & (~left_q + 1'b1);
  assign last_word = 32'(list_word_q) == WORDS - 1;
  assign go        = state_q == LIST && left_q != '0 && (!valid_q || take_i);
  assign end_go    = state_q == LIST && left_q == '0 && last_word && (!valid_q || take_i);

  always_comb begin
    first = '0;
    for (int unsigned i = 0; i < 32; i++) begin
      if (lowest[i]) first = first | 5'(i);
    end
  end

  always_ff @(posedge clk_i) begin
    if (go) port_q <= ports[IDX_W'({list_word_q, first})];
  end

  always_ff @(posedge clk_i) begin
    unique case (state_q)
      READ:    if (!edit_q && !write_q) state_q <= LOAD;
      LOAD: begin
        left_q  <= word_q;
        state_q <= LIST;
      end
      LIST: begin
        if (go) left_q <= left_q & ~lowest;
        if (end_go) state_q <= IDLE;
        if (left_q == '0 && !last_word) begin
          list_word_q <= list_word_q + 1'b1;
          state_q     <= READ;
        end
      end
      default: begin
        list_word_q <= '0;
        if (start_i) state_q <= READ;
      end
    endcase
    if (go || end_go) begin
      valid_q <= 1'b1;
      end_q   <= end_go;
    end else if (take_i) begin
      valid_q <= 1'b0;
    end
    if (rst_i) begin
      state_q <= IDLE;
      valid_q <= 1'b0;
    end
  end

  assign valid_o = valid_q;
  assign end_o   = end_q;
  assign port_o  = port_q;
endmodule

`default_nettype wire
