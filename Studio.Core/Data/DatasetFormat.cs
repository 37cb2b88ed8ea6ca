namespace Studio.Core.Data;

/// <summary>The layouts of JSONL datasets that are understood.</summary>
public enum DatasetFormat
{
    /// <summary><c>{"messages": [{"role": ..., "content": ...}]}</c></summary>
    Messages,

    /// <summary><c>{"conversations": [{"from": "human", "value": ...}]}</c></summary>
    ShareGpt,

    /// <summary><c>{"prompt": ..., "completion": ...}</c></summary>
    PromptCompletion,

    /// <summary><c>{"instruction": ..., "input": ..., "output": ...}</c></summary>
    Instruction,

    /// <summary><c>{"text": ...}</c></summary>
    Text,
}
