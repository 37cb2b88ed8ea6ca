using System.Text;

namespace Studio.Core.Text.Tokenization;

/// <summary>A step that sees whole tokens: pieces of one are gathered first.</summary>
internal abstract class DecoderStep(ITokenSink next, bool inPieces) : ITokenSink
{
    private StringBuilder? _gathered;

    /// <summary>Where this step's tokens go.</summary>
    protected ITokenSink Next { get; } = next;

    public void Token(string text)
    {
        if (!inPieces)
        {
            Decode(text);
            return;
        }

        Release();
        _gathered = new StringBuilder(text);
    }

    public void More(string text) => _gathered!.Append(text);

    public void End()
    {
        Release();
        Finish();
        Next.End();
    }

    /// <summary>Takes a whole token.</summary>
    protected abstract void Decode(string token);

    /// <summary>Gives out what was held back.</summary>
    protected virtual void Finish()
    {
    }

    private void Release()
    {
        if (_gathered is null) return;
        var token = _gathered.ToString();
        _gathered = null;
        Decode(token);
    }
}
