using System.Reflection;
using System.Reflection.Emit;

namespace Studio.Tests.Rules;

/// <summary>Every type that a compiled type uses: in signatures, fields, attributes, and in the instructions of its methods.</summary>
internal static class TypeReferences
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    public static IReadOnlySet<Type> Of(Type type)
    {
        var found = new HashSet<Type>();
        Add(found, type.BaseType);
        foreach (var contract in type.GetInterfaces()) Add(found, contract);
        foreach (var attribute in type.GetCustomAttributesData()) Add(found, attribute.AttributeType);
        foreach (var field in type.GetFields(Declared)) Add(found, field.FieldType);
        foreach (var property in type.GetProperties(Declared)) Add(found, property.PropertyType);
        foreach (var method in type.GetMembers(Declared).OfType<MethodBase>())
        {
            foreach (var parameter in method.GetParameters()) Add(found, parameter.ParameterType);
            if (method is MethodInfo { ReturnType: var result }) Add(found, result);
            AddBody(found, method);
        }
        return found;
    }

    private static void AddBody(HashSet<Type> found, MethodBase method)
    {
        if (method.GetMethodBody() is not { } body) return;
        foreach (var local in body.LocalVariables) Add(found, local.LocalType);
        foreach (var clause in body.ExceptionHandlingClauses)
            if (clause.Flags == ExceptionHandlingClauseOptions.Clause) Add(found, clause.CatchType);
        byte[] code = body.GetILAsByteArray()!;
        for (int at = 0; at < code.Length;)
        {
            short value = code[at++];
            if (value == 0xFE) value = unchecked((short)(0xFE00 | code[at++]));
            var operation = OpCodesByValue[value];
            if (operation.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok)
                AddMember(found, method, BitConverter.ToInt32(code, at));
            at += operation.OperandType == OperandType.InlineSwitch ? 4 + 4 * BitConverter.ToInt32(code, at) : Size(operation.OperandType);
        }
    }

    private static void AddMember(HashSet<Type> found, MethodBase method, int token)
    {
        var ofType = method.DeclaringType is { IsGenericType: true } declaring ? declaring.GetGenericArguments() : null;
        var ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        switch (method.Module.ResolveMember(token, ofType, ofMethod))
        {
            case Type type:
                Add(found, type);
                break;
            case FieldInfo field:
                Add(found, field.DeclaringType);
                Add(found, field.FieldType);
                break;
            case MethodBase called:
                Add(found, called.DeclaringType);
                if (called.IsGenericMethod)
                    foreach (var argument in called.GetGenericArguments()) Add(found, argument);
                foreach (var parameter in called.GetParameters()) Add(found, parameter.ParameterType);
                if (called is MethodInfo { ReturnType: var result }) Add(found, result);
                break;
        }
    }

    private static void Add(HashSet<Type> found, Type? type)
    {
        if (type is null) return;
        if (type.HasElementType)
        {
            Add(found, type.GetElementType());
            return;
        }
        if (type.IsGenericParameter || !found.Add(type)) return;
        if (type.IsGenericType)
            foreach (var argument in type.GetGenericArguments()) Add(found, argument);
    }

    private static int Size(OperandType operand) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        _ => 4,
    };
}
