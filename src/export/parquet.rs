//! A long table as a Parquet file.

use super::long::{Column, Table};
use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::Result;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;
use std::sync::Arc;

/// The file's bytes: one row group, every column optional.
pub fn to_bytes(table: &Table) -> Result<Vec<u8>> {
    let fields = table.columns.iter().map(|(name, column)| field(name, column)).collect::<Result<_>>()?;
    let schema = Arc::new(Type::group_type_builder("table").with_fields(fields).build()?);
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::default())?;
    let mut group = writer.next_row_group()?;
    for (_, column) in &table.columns {
        match column {
            Column::Text(values) => {
                let values: Vec<Option<ByteArray>> =
                    values.iter().map(|value| value.as_deref().map(ByteArray::from)).collect();
                write::<ByteArrayType>(&mut group, &values)?;
            }
            Column::Whole(values) => write::<Int64Type>(&mut group, values)?,
            Column::Real(values) => write::<DoubleType>(&mut group, values)?,
        }
    }
    group.close()?;
    writer.into_inner()
}

fn field(name: &str, column: &Column) -> Result<Arc<Type>> {
    let (physical, logical) = match column {
        Column::Text(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Column::Whole(_) => (Physical::INT64, None),
        Column::Real(_) => (Physical::DOUBLE, None),
    };
    let builder = Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
    builder.with_logical_type(logical).build().map(Arc::new)
}

/// The next column: the values that there are, and for every row whether it has one.
fn write<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    values: &[Option<T::T>],
) -> Result<()> {
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    let present: Vec<T::T> = values.iter().flatten().cloned().collect();
    let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    column.typed::<T>().write_batch(&present, Some(&levels), None)?;
    column.close()
}
