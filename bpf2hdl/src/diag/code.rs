// SPDX-License-Identifier: Apache-2.0
//! The list of stable codes. Texts are in `catalogue/`, one file per group.
//!
//! `E00xx` files and ELF, `E01xx` instruction decoding, `E02xx` maps, `E03xx` helpers, `E04xx` safety and
//! verification, `E05xx` limits of the hardware, `E09xx` faults of our own, `Wxxxx` warnings.
//! An identifier is never reused for another meaning.

use super::catalogue::{self, Entry};
use std::fmt;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The input is refused.
    Error,
    /// The result is valid, but the user should know.
    Warning,
}

macro_rules! codes {
    ($($variant:ident => $group:ident::$entry:ident,)*) => {
        /// A code of the catalogue. The variant's meaning is its [`Code::title`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[expect(missing_docs, reason = "the catalogue entry of each code is its documentation")]
        pub enum Code { $($variant,)* }

        impl Code {
            /// Every code, in the order of the catalogue.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            fn entry(self) -> &'static Entry {
                match self { $(Code::$variant => &catalogue::$group::$entry,)* }
            }
        }
    };
}

codes! {
    FileRead => files::FILE_READ,
    NotElf => files::NOT_ELF,
    DamagedElf => files::DAMAGED_ELF,
    BigEndian => files::BIG_ENDIAN,
    Elf32 => files::ELF32,
    NotBpf => files::NOT_BPF,
    NoProgram => files::NO_PROGRAM,
    SeveralPrograms => files::SEVERAL_PROGRAMS,
    ProgramNotFound => files::PROGRAM_NOT_FOUND,
    ProgramKind => files::PROGRAM_KIND,
    BadBtf => files::BAD_BTF,
    UnresolvedSymbol => files::UNRESOLVED_SYMBOL,
    BadRelocation => files::BAD_RELOCATION,
    ClangMissing => files::CLANG_MISSING,
    CompileC => files::COMPILE_C,
    OutputWrite => files::OUTPUT_WRITE,
    CaptureFile => files::CAPTURE_FILE,
    MapFile => files::MAP_FILE,
    Tool => files::TOOL,
    Oracle => files::ORACLE,
    Mismatch => files::MISMATCH,
    Usage => files::USAGE,
    UnknownTarget => files::UNKNOWN_TARGET,
    NetworkFile => files::NETWORK_FILE,
    UnknownBoard => files::UNKNOWN_BOARD,
    BoardTiming => files::BOARD_TIMING,
    DeviceFull => files::DEVICE_FULL,
    BoardMetadata => files::BOARD_METADATA,
    BadOpcode => decode::BAD_OPCODE,
    ReservedField => decode::RESERVED_FIELD,
    BadRegister => decode::BAD_REGISTER,
    BadJump => decode::BAD_JUMP,
    BadLoadImm64 => decode::BAD_LOAD_IMM64,
    UnsupportedInstruction => decode::UNSUPPORTED_INSTRUCTION,
    ProgramLength => decode::PROGRAM_LENGTH,
    FallsOffEnd => decode::FALLS_OFF_END,
    AsmSyntax => decode::ASM_SYNTAX,
    BpfToBpfCall => decode::BPF_TO_BPF_CALL,
    UnsupportedAtomic => decode::UNSUPPORTED_ATOMIC,
    LegacyPacketLoad => decode::LEGACY_PACKET_LOAD,
    IndirectCall => decode::INDIRECT_CALL,
    BadMapDefinition => maps::BAD_MAP_DEFINITION,
    MapsNeedBtf => maps::MAPS_NEED_BTF,
    UnsupportedMapType => maps::UNSUPPORTED_MAP_TYPE,
    UnsupportedMapFlags => maps::UNSUPPORTED_MAP_FLAGS,
    MapGeometry => maps::MAP_GEOMETRY,
    GlobalsTooLarge => maps::GLOBALS_TOO_LARGE,
    MapOperation => maps::MAP_OPERATION,
    UnsupportedHelper => helpers::UNSUPPORTED_HELPER,
    UnknownHelper => helpers::UNKNOWN_HELPER,
    Kfunc => helpers::KFUNC,
    TailCall => helpers::TAIL_CALL,
    HelperArgument => helpers::HELPER_ARGUMENT,
    SpinLock => helpers::SPIN_LOCK,
    PacketOutOfBounds => safety::PACKET_OUT_OF_BOUNDS,
    PointerArithmetic => safety::POINTER_ARITHMETIC,
    UninitialisedRead => safety::UNINITIALISED_READ,
    StackOutOfRange => safety::STACK_OUT_OF_RANGE,
    MapValueOutOfRange => safety::MAP_VALUE_OUT_OF_RANGE,
    NullMapValue => safety::NULL_MAP_VALUE,
    ReadOnlyStore => safety::READ_ONLY_STORE,
    ContextAccess => safety::CONTEXT_ACCESS,
    ContextWrite => safety::CONTEXT_WRITE,
    UnsupportedContextField => safety::UNSUPPORTED_CONTEXT_FIELD,
    PhysDevContext => safety::PHYS_DEV_CONTEXT,
    BackEdge => safety::BACK_EDGE,
    InfiniteLoop => safety::INFINITE_LOOP,
    WorkLimit => safety::WORK_LIMIT,
    InvalidPointer => safety::INVALID_POINTER,
    PointerLeak => safety::POINTER_LEAK,
    Misaligned => safety::MISALIGNED,
    FramePointerWrite => safety::FRAME_POINTER_WRITE,
    MixedPointers => safety::MIXED_POINTERS,
    ReplacedElement => safety::REPLACED_ELEMENT,
    StalePointer => safety::STALE_POINTER,
    UnreleasedRecord => safety::UNRELEASED_RECORD,
    WindowLimit => limits::WINDOW_LIMIT,
    MapSizeLimit => limits::MAP_SIZE_LIMIT,
    MapPortsLimit => limits::MAP_PORTS_LIMIT,
    VariableOffsetTooWide => limits::VARIABLE_OFFSET_TOO_WIDE,
    StageLimit => limits::STAGE_LIMIT,
    MapSection => limits::MAP_SECTION,
    HeadPlaces => limits::HEAD_PLACES,
    Internal => limits::INTERNAL,
    CoReRelocation => warnings::CO_RE_RELOCATION,
    Timing => warnings::TIMING,
    DeadCode => warnings::DEAD_CODE,
    UnknownReturn => warnings::UNKNOWN_RETURN,
    NoLineInfo => warnings::NO_LINE_INFO,
    CompilerWarning => warnings::COMPILER_WARNING,
    ReducedRate => warnings::REDUCED_RATE,
    PrintLeftOut => warnings::PRINT_LEFT_OUT,
    HostProgArray => warnings::HOST_PROG_ARRAY,
}

impl Code {
    /// Stable identifier, such as `E0401` or `W0001`.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.entry().id
    }

    /// The meaning in a few words.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.entry().title
    }

    /// Why this is refused or reported, in a paragraph or two (text of `bpf2hdl explain CODE`).
    #[must_use]
    pub fn explanation(self) -> &'static str {
        self.entry().explanation
    }

    /// What to change, in general; never empty.
    #[must_use]
    pub fn help(self) -> &'static str {
        self.entry().help
    }

    /// Severity: identifiers that begin with `W` are warnings.
    #[must_use]
    pub fn severity(self) -> Severity {
        if self.id().starts_with('W') { Severity::Warning } else { Severity::Error }
    }

    /// The code with this identifier (`E0401`, any case), if there is one.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.id().eq_ignore_ascii_case(id))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}
